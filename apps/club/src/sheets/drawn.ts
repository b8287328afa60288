import { drawSheet, type SheetRequest } from './sheet.ts'

/**
 * Sheets as they were drawn, the latest kept: a drawing takes some 50 ms in which nobody else is served, and a page shows many.
 *
 * @param most how many are kept, at 50 to 200 KB each
 */
export function createDrawnSheets(most = 100): (request: SheetRequest) => string {
  const kept = new Map<string, string>()
  return (request) => {
    const { name, character, frame = false, medium = 'screen' } = request
    const key = JSON.stringify([name, character, frame, medium])
    const svg = kept.get(key) ?? drawSheet(request)
    // A Map keeps its order: what was asked for last stands last, and the first is the one to go.
    kept.delete(key)
    kept.set(key, svg)
    const [oldest] = kept.keys()
    if (kept.size > most && oldest !== undefined) kept.delete(oldest)
    return svg
  }
}
