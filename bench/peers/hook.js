const { HOOK_URL } = process.env

/** What the app does on a change: here it tells the table of scenarios, which may answer that it is out of order. */
export async function tellHook(subscription) {
  if (HOOK_URL === undefined) return
  const response = await fetch(HOOK_URL, { method: 'POST', body: JSON.stringify({ subscription }) })
  if (!response.ok) throw new Error(`the app's own code failed: ${response.status}`)
}
