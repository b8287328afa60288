import { expect, test } from 'vitest'
import { createThrottle } from './throttle.ts'

test('blocks after so many failures, for so long', () => {
  let now = 0
  const throttle = createThrottle({ tries: 3, milliseconds: 1000, now: () => now })
  for (let i = 0; i < 2; i++) throttle.failed('ada')
  expect(throttle.blocked('ada')).toBe(false)
  throttle.failed('ada')
  expect(throttle.blocked('ada')).toBe(true)
  expect(throttle.blocked('grace')).toBe(false)
  now = 1001
  expect(throttle.blocked('ada')).toBe(false)
})

test('forgets failures after a success', () => {
  const throttle = createThrottle({ tries: 2 })
  throttle.failed('ada')
  throttle.succeeded('ada')
  throttle.failed('ada')
  expect(throttle.blocked('ada')).toBe(false)
})
