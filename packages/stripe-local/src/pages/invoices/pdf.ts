import PDFDocument from 'pdfkit'
import type { FactLine, InvoiceFacts, ReceiptFacts } from './facts.ts'

const margin = 56
const ink = '#1b2330'
const soft = '#5a6472'
const hairline = '#dcd8cd'
const ochre = '#e3a82b'

/** What a PDF of ours is made of. */
type Paper = {
  title: string
  /** Small facts under the title: label and value. */
  facts: [string, string][]
  from: string
  to: string[]
  headline: string
  lines: FactLine[]
  totals: [string, string][]
  footer: string | null
  /** Unix seconds: the same invoice gives the same file. */
  at: number
}

/** An invoice as a PDF. */
export const invoicePdf = (facts: InvoiceFacts, at: number): Promise<Buffer> =>
  pdfOf({
    title: 'Invoice',
    facts: [
      ['Number', facts.number],
      ['Date', facts.issued],
      ...(facts.due ? [['Due', facts.due] as [string, string]] : []),
    ],
    from: facts.from,
    to: facts.to,
    headline: facts.headline,
    lines: facts.lines,
    totals: facts.totals,
    footer: facts.footer,
    at,
  })

/** A receipt as a PDF. */
export const receiptPdf = (facts: ReceiptFacts, at: number): Promise<Buffer> =>
  pdfOf({
    title: 'Receipt',
    facts: [['Paid on', facts.paidOn], ...(facts.method ? [['Paid with', facts.method] as [string, string]] : [])],
    from: 'Stripe Local',
    to: facts.to,
    headline: facts.title,
    lines: facts.lines,
    totals: facts.totals,
    footer: null,
    at,
  })

function pdfOf(paper: Paper): Promise<Buffer> {
  const subject = 'A test document of Stripe Local. No money moves.'
  const document = new PDFDocument({
    size: 'A4',
    margin,
    info: {
      Title: latin(paper.title),
      Author: latin(paper.from),
      Subject: subject,
      CreationDate: new Date(paper.at * 1000),
    },
  })
  const finished = new Promise<Buffer>((resolve, reject) => {
    const chunks: Buffer[] = []
    document.on('data', (chunk) => chunks.push(chunk))
    document.on('end', () => resolve(Buffer.concat(chunks)))
    document.on('error', reject)
  })
  draw(document, paper)
  document.end()
  return finished
}

function draw(document: PDFDocument, paper: Paper): void {
  const right = document.page.width - margin
  const width = right - margin
  const write = (text: string, x: number, y: number, options: Parameters<PDFDocument['text']>[3] = {}): PDFDocument =>
    document.text(latin(text), x, y, options)
  const rule = (y: number): PDFDocument =>
    document.moveTo(margin, y).lineTo(right, y).lineWidth(0.75).strokeColor(hairline).stroke()

  document.rect(0, 0, document.page.width, 6).fill(ochre)
  document.font('Helvetica').fontSize(8).fillColor(soft)
  write('Stripe Local — a test document from this computer. No money moves.', margin, 20, { width })
  document.font('Helvetica-Bold').fontSize(24).fillColor(ink)
  write(paper.title, margin, 52)
  let y = 92
  document.fontSize(9.5)
  for (const [label, value] of paper.facts) {
    document.font('Helvetica').fillColor(soft)
    write(label, margin, y, { width: 70 })
    document.font('Helvetica-Bold').fillColor(ink)
    write(value, margin + 74, y, { width: width - 74 })
    y += 15
  }
  y += 16
  document.font('Helvetica-Bold').fillColor(ink)
  write(paper.from, margin, y, { width: width / 2 })
  write('For', margin + width / 2, y, { width: width / 2 })
  document.font('Helvetica').fillColor(soft)
  for (const [index, line] of paper.to.entries())
    write(line, margin + width / 2, y + 15 * (index + 1), { width: width / 2 })
  y += 15 * (paper.to.length + 1) + 22
  document.font('Helvetica-Bold').fontSize(15).fillColor(ink)
  write(paper.headline, margin, y, { width })
  y += 36

  document.font('Helvetica').fontSize(8.5).fillColor(soft)
  write('Description', margin, y)
  write('Qty', right - 150, y, { width: 50, align: 'right' })
  write('Amount', right - 95, y, { width: 95, align: 'right' })
  y += 14
  rule(y)
  y += 9
  document.fontSize(9.5)
  for (const line of paper.lines) {
    const height = document.heightOfString(latin(line.text), { width: width - 170 }) + (line.detail ? 13 : 0)
    if (y + height > document.page.height - margin - 40) {
      document.addPage()
      y = margin
    }
    document.font('Helvetica').fontSize(9.5).fillColor(ink)
    write(line.text, margin, y, { width: width - 170 })
    write(line.quantity, right - 150, y, { width: 50, align: 'right' })
    write(line.amount, right - 95, y, { width: 95, align: 'right' })
    if (line.detail) {
      document.fontSize(8.5).fillColor(soft)
      write(line.detail, margin, y + height - 11, { width: width - 170 })
    }
    y += height + 9
  }
  if (y + paper.totals.length * 18 > document.page.height - margin) {
    document.addPage()
    y = margin
  }
  rule(y)
  y += 10
  document.fontSize(9.5)
  for (const [index, [label, amount]] of paper.totals.entries()) {
    const last = index === paper.totals.length - 1
    document.font(last ? 'Helvetica-Bold' : 'Helvetica').fillColor(ink)
    write(label, margin + width / 2, y, { width: width / 2 - 100 })
    write(amount, right - 110, y, { width: 110, align: 'right' })
    y += 18
  }
  if (paper.footer) {
    document.font('Helvetica').fontSize(8.5).fillColor(soft)
    write(paper.footer, margin, y + 24, { width })
  }
}

const codes: Record<string, string> = { '₹': 'INR ', '₩': 'KRW ', '₪': 'ILS ', '₱': 'PHP ', '฿': 'THB ', '₫': 'VND ' }

/** The fonts that every PDF reader has know western letters only: other signs of currencies are spelt, other letters are marked. */
const latin = (text: string): string =>
  text
    .replaceAll(/[₹₩₪₱฿₫]/g, (symbol) => codes[symbol] ?? '')
    .replaceAll(/[^\u0020-\u007e\u00a0-\u00ff€–—‘’“”•…]/g, '?')
