import type { Auth } from '../accounts/auth.ts'
import type { Settings } from '../settings.ts'
import type { People } from './people.ts'

/** The staff of a demo. The password is for everybody to know, so this account is staff only where nobody but its visitor can reach the club. */
export const demoStaff = { name: 'Robin Vane', email: 'staff@trigpoint.example', password: 'five quiet surveyors' }

/** A Stripe of its own, on this machine alone, and nobody named as staff: a demo. */
export const isDemo = ({ stripe, host, baseUrl, staff }: Settings): boolean =>
  stripe === undefined && host === undefined && baseUrl === undefined && staff === undefined

/** Makes the account of the demo's staff, unless it is there. */
export async function openDemoAccount(auth: Auth, people: People): Promise<void> {
  const isThere = async () => (await people.byEmails([demoStaff.email])).length > 0
  if (await isThere()) return
  try {
    await auth.api.signUpEmail({ body: demoStaff })
  } catch (error) {
    // Another process that starts at the same moment may have made it.
    if (!(await isThere())) throw error
  }
}
