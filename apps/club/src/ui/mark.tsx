/** The triangulation pillar of a survey map. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 24 24" aria-hidden="true" width="24" height="24">
      <path d="M12 3.2 22 20.5H2z" fill="none" stroke="currentColor" stroke-width="2.2" stroke-linejoin="round" />
      <circle cx="12" cy="14.6" r="1.9" fill="currentColor" />
    </svg>
  )
}
