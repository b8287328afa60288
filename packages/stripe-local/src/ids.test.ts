import { expect, test } from 'vitest'
import { newId, newRequestId, randomCharacters } from './ids.ts'

const [account, other] = ['acct_1AbCdEfGhIjKlMn', 'acct_1NmLkJiHgFeDcBa']
const now = 1_760_000_000

test.each([
  ['cus', /^cus_\w{14}$/],
  ['cs', /^cs_test_a1\w{56}$/],
  ['bps', /^bps_1\w{5}EfGhIjKlMn\w{8}$/],
  ['sub', /^sub_1\w{5}EfGhIjKlMn\w{8}$/],
  ['pi', /^pi_3\w{5}EfGhIjKlMn\w{8}$/],
])('an id that begins with %s has the form that Stripe gives it', (prefix, form) => {
  expect(newId(prefix, account, now)).toMatch(form)
})

test('an id of a request has the form that Stripe gives it', () => {
  expect(newRequestId()).toMatch(/^req_\w{14}$/)
})

test('an id tells its account and its second', () => {
  const stamp = (id: string) => id.slice(5, 20)
  expect(stamp(newId('sub', account, now))).toBe(stamp(newId('sub', account, now)))
  expect(stamp(newId('sub', account, now + 1))).not.toBe(stamp(newId('sub', account, now)))
  expect(stamp(newId('sub', other, now))).not.toBe(stamp(newId('sub', account, now)))
})

test('of a million characters each of the 62 comes about as often as the others', () => {
  const counts = new Map<string, number>()
  for (let drawn = 0; drawn < 20_000; drawn++)
    for (const character of randomCharacters(50)) counts.set(character, (counts.get(character) ?? 0) + 1)
  expect(counts.size).toBe(62)
  // Each is due 16,129 times; five standard deviations are 635.
  for (const count of counts.values()) expect(Math.abs(count - 16_129)).toBeLessThan(700)
})
