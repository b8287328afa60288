import type Stripe from 'stripe'

/** An object of Stripe's API: what an expandable field may hold in place of an id. */
type ApiObject = { id: string; object: string }

/** A field that may hold an id or the object behind it holds the id: expanding happens when an answer is written. */
type StoredField<T> = string extends T ? Exclude<T, ApiObject> : Stored<T>

/**
 * One of the SDK's types as it travels and as it is kept: decimals are strings, expandable fields are ids.
 *
 * The SDK turns decimal strings into `Decimal` and shows `customer: string | Customer`; on the wire and in the store there is
 * only the string. Everything else is the SDK's own type, so that a missing field does not compile.
 */
export type Stored<T> = T extends Stripe.Decimal
  ? string
  : T extends (infer Element)[]
    ? StoredField<Element>[]
    : T extends object
      ? { [Key in keyof T]: StoredField<T[Key]> }
      : T
