/** The triangulation pillar of a survey map. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 24 24" aria-hidden="true" width="24" height="24">
      <path d="M12 3.2 22 20.5H2z" fill="none" stroke="currentColor" stroke-width="2.2" stroke-linejoin="round" />
      <circle cx="12" cy="14.6" r="1.9" fill="currentColor" />
    </svg>
  )
}

export function Tick() {
  return (
    <svg class="tick" viewBox="0 0 16 16" aria-hidden="true" width="16" height="16">
      <path d="M2.5 8.5 6.3 12.3 13.5 4" fill="none" stroke="currentColor" stroke-width="2" />
    </svg>
  )
}
