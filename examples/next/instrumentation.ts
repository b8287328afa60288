/** Next.js runs this once as a server starts. */
export async function register(): Promise<void> {
  // There is an edge runtime, too, in which no database can be reached.
  if (process.env.NEXT_RUNTIME === 'edge') return
  const { dues } = await import('./lib/dues.ts')
  // For a try. In production run `npx dues push`, which shows what it changes at Stripe first.
  await dues.catalogue.push()
  await dues.start()
}
