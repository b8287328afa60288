const rooms = [
  { href: '/members', name: 'Drawing office', plan: 'Every member' },
  { href: '/members/pro', name: 'Plate room', plan: 'Professional' },
  { href: '/members/ent', name: 'Studio desk', plan: 'Enterprise' },
] as const

/** The rooms of the club, and for whom each is. */
export function MembersNav({ here }: { here: (typeof rooms)[number]['href'] }) {
  return (
    <nav class="rooms" aria-label="Members' rooms">
      {rooms.map(({ href, name, plan }) => (
        <a href={href} aria-current={href === here ? 'page' : undefined}>
          {name}
          <small>{plan}</small>
        </a>
      ))}
    </nav>
  )
}
