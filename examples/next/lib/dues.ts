import { createDues, usd } from 'dues'

const {
  STRIPE_SECRET_KEY: secretKey = '',
  STRIPE_WEBHOOK_SECRET: webhookSecret = '',
  STRIPE_API_BASE: apiBase,
  DATABASE_URL: database = '',
  PORT: port = '3000',
} = process.env

export const dues = createDues({
  stripe: { secretKey, webhookSecret, apiBase },
  database,
  baseUrl: `http://localhost:${port}`,
  // One page is all that there is here.
  paths: { pricing: '/', account: '/', signIn: '/' },
  plans: {
    free: { name: 'Free', features: { export: false } },
    pro: { name: 'Professional', prices: { monthly: usd(19) }, features: { export: true } },
  },
  // Your own session belongs here. This cookie is worth nothing: anybody may write it.
  identify: (request) => {
    const [, id] = /(?:^|; )user=(\w+)/.exec(request.headers.get('cookie') ?? '') ?? []
    return id ? { id } : null
  },
})
