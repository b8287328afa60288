/** The API version whose shapes Stripe Local answers: the one that the SDK in use pins. */
export { apiVersion } from './generated/version.generated.ts'
