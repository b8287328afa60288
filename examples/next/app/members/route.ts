import { dues } from '../../lib/dues.ts'

const membersOnly = dues.requirePlan('pro')

export async function GET(request: Request): Promise<Response> {
  const member = await membersOnly(request)
  return member instanceof Response ? member : new Response(`Welcome to ${dues.plans[member.plan].name}.`)
}
