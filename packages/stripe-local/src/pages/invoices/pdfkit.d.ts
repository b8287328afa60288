/** The part of pdfkit that we need; it comes without types. */
declare module 'pdfkit' {
  type TextOptions = {
    width?: number
    align?: 'left' | 'right'
    lineBreak?: boolean
    link?: string
    continued?: boolean
  }

  export default class PDFDocument {
    constructor(options: {
      size: 'A4'
      margin: number
      info: { Title: string; Author: string; Subject: string; CreationDate: Date }
    })
    readonly page: { width: number; height: number }
    x: number
    y: number
    on(event: 'data', listener: (chunk: Buffer) => void): this
    on(event: 'end', listener: () => void): this
    on(event: 'error', listener: (error: Error) => void): this
    font(name: 'Helvetica' | 'Helvetica-Bold'): this
    fontSize(size: number): this
    fillColor(color: string): this
    text(text: string, x: number, y: number, options?: TextOptions): this
    heightOfString(text: string, options: TextOptions): number
    rect(x: number, y: number, width: number, height: number): this
    fill(color: string): this
    moveTo(x: number, y: number): this
    lineTo(x: number, y: number): this
    strokeColor(color: string): this
    lineWidth(width: number): this
    stroke(): this
    addPage(): this
    end(): void
  }
}
