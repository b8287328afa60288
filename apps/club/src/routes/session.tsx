import { type APIError, isAPIError } from 'better-auth/api'
import { Hono } from 'hono'
import type { Club, ClubContext, Env } from '../http/context.ts'
import type { Render } from '../http/render.tsx'
import { returnPath } from '../http/return-path.ts'
import { createThrottle } from '../http/throttle.ts'
import { field } from '../http/visitor.ts'
import { SignIn, SignUp } from '../pages/sign-in.tsx'

/** Sign-up, sign-in, sign-out: forms that work without JavaScript, over Better Auth. */
export function sessionRoutes({ auth, isStaff }: Pick<Club, 'auth' | 'isStaff'>, render: Render) {
  const throttle = createThrottle()
  const next = (c: ClubContext) => returnPath(c.req.query('next'))

  return new Hono<Env>()
    .get('/sign-in', (c) =>
      c.get('visitor') ? c.redirect(next(c), 303) : render(c, { title: 'Sign in' }, <SignIn next={next(c)} />),
    )
    .post('/sign-in', async (c) => {
      const to = returnPath(await field(c, 'next'))
      const email = (await field(c, 'email')).toLowerCase()
      const again = (status: 401 | 422 | 429, problem: string) =>
        render(c, { title: 'Sign in', status }, <SignIn next={to} email={email} problem={problem} />)
      if (throttle.blocked(email)) return again(429, 'That was wrong too often. Wait five minutes and try again.')
      try {
        const body = { email, password: await secret(c), rememberMe: true }
        const { headers } = await auth.api.signInEmail({ body, headers: c.req.raw.headers, returnHeaders: true })
        throttle.succeeded(email)
        return signedIn(c, headers, to)
      } catch (error) {
        if (!isAPIError(error)) throw error
        throttle.failed(email)
        return again(401, 'Email and password do not fit together. Try again, or join if you are new.')
      }
    })
    .get('/sign-up', (c) =>
      c.get('visitor') ? c.redirect(next(c), 303) : render(c, { title: 'Join' }, <SignUp next={next(c)} />),
    )
    .post('/sign-up', async (c) => {
      const to = returnPath(await field(c, 'next'))
      const name = await field(c, 'name')
      const email = (await field(c, 'email')).toLowerCase()
      const password = await secret(c)
      const again = (problems: Record<string, string>) =>
        render(c, { title: 'Join', status: 422 }, <SignUp next={to} name={name} email={email} problems={problems} />)
      if (!name) return again({ name: 'Tell us what to call you.' })
      if (password.length < 10) return again({ password: 'That is shorter than ten characters.' })
      // Nobody shows here that an address is theirs, so that one which opens the staff's pages cannot be had by joining.
      if (isStaff({ email })) return again({ email: taken })
      try {
        const body = { name, email, password }
        const { headers } = await auth.api.signUpEmail({ body, headers: c.req.raw.headers, returnHeaders: true })
        return signedIn(c, headers, to)
      } catch (error) {
        if (!isAPIError(error)) throw error
        return again(signUpProblem(error))
      }
    })
    .post('/sign-out', async (c) => {
      const { headers } = await auth.api.signOut({ headers: c.req.raw.headers, returnHeaders: true })
      return signedIn(c, headers, '/')
    })
}

/** A password as it was typed: space around it belongs to it. */
async function secret(c: ClubContext): Promise<string> {
  const { password } = await c.req.parseBody()
  return typeof password === 'string' ? password : ''
}

const taken = 'There is an account with this address already. Sign in instead.'

function signUpProblem(error: APIError): Record<string, string> {
  const code = String(error.body?.code ?? '')
  if (code.startsWith('USER_ALREADY_EXISTS')) return { email: taken }
  if (code.startsWith('PASSWORD')) return { password: 'Choose a password of 10 to 128 characters.' }
  return { email: 'This does not look like an email address.' }
}

/** On to a page, with the session's cookies as Better Auth sets them. */
function signedIn(c: ClubContext, headers: Headers, to: string): Response {
  for (const cookie of headers.getSetCookie()) c.header('set-cookie', cookie, { append: true })
  return c.redirect(to, 303)
}
