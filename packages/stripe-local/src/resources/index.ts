// Each resource adds itself to the API when its file is read.
import './customer-balance-transactions.ts'
import './customers.ts'
import './event-destinations.ts'
import './tax-ids.ts'
import './webhook-endpoints.ts'
import './v2-events.ts'
