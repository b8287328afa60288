/**
 * Where to go after signing in: the path that was asked for, if it is one of the club's own, else `otherwise`.
 * What a browser would take for another site (`//evil.example`, `/\evil.example`, `https:…`) is never followed.
 *
 * @example
 * returnPath('/members/pro?plate=2') // '/members/pro?plate=2'
 * returnPath('//evil.example') // '/members'
 */
export function returnPath(asked: string | undefined | null, otherwise = '/members'): string {
  if (!asked?.startsWith('/') || !URL.canParse(asked, here)) return otherwise
  const { origin, pathname, search, hash } = new URL(asked, here)
  // `/.//evil.example` has a path that is itself an address of another site.
  if (origin !== here || pathname.startsWith('//')) return otherwise
  return pathname + search + hash
}

const here = 'http://club.invalid'
