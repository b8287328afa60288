import { Field, Notice } from '../ui/parts.tsx'

export type SignInProps = {
  next: string
  email?: string | undefined
  name?: string | undefined
  /** What went wrong at the last try. */
  problem?: string | undefined
  problems?: { email?: string; password?: string; name?: string }
}

export function SignIn({ next, email, problem }: SignInProps) {
  return (
    <div class="wrap narrow form-page">
      <h1>Sign in</h1>
      {next !== '/members' && !problem && <p class="lead">Sign in to go on.</p>}
      {problem && <Notice tone="warn">{problem}</Notice>}
      <form method="post" action="/sign-in" class="stack">
        <input type="hidden" name="next" value={next} />
        <Field label="Email" name="email" type="email" autocomplete="username" value={email} autofocus={!email} />
        <Field label="Password" name="password" type="password" autocomplete="current-password" />
        <button class="button wide" type="submit">
          Sign in
        </button>
      </form>
      <p class="aside">
        New here? <a href={withNext('/sign-up', next)}>Join Trigpoint</a>. It is free.
      </p>
    </div>
  )
}

export function SignUp({ next, email, name, problem, problems = {} }: SignInProps) {
  const buying = next.startsWith('/checkout')
  return (
    <div class="wrap narrow form-page">
      <h1>{buying ? 'First, an account' : 'Join Trigpoint'}</h1>
      <p class="lead">
        {buying ? 'Your plan comes next; nothing is charged here.' : 'Free, with three projects. No card.'}
      </p>
      {problem && <Notice tone="warn">{problem}</Notice>}
      <form method="post" action="/sign-up" class="stack">
        <input type="hidden" name="next" value={next} />
        <Field
          label="Name"
          name="name"
          autocomplete="name"
          value={name}
          problem={problems.name}
          maxlength={100}
          autofocus={!problems.email && !problems.password}
        />
        <Field
          label="Email"
          name="email"
          type="email"
          autocomplete="email"
          value={email}
          problem={problems.email}
          autofocus={Boolean(problems.email)}
        />
        <Field
          label="Password"
          name="password"
          type="password"
          autocomplete="new-password"
          minlength={10}
          maxlength={128}
          hint="Ten characters or more. Three words will do."
          problem={problems.password}
          autofocus={Boolean(problems.password)}
        />
        <button class="button wide" type="submit">
          {buying ? 'Create account and go on' : 'Create account'}
        </button>
      </form>
      <p class="aside">
        Been here before? <a href={withNext('/sign-in', next)}>Sign in</a>.
      </p>
    </div>
  )
}

const withNext = (path: string, next: string) =>
  next === '/members' ? path : `${path}?next=${encodeURIComponent(next)}`
