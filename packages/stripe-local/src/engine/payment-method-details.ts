import type Stripe from 'stripe'
import type { Kinds } from '../kinds.ts'
import { invalidRequest, missingParameter, notSupported } from '../protocol/errors.ts'
import { fingerprintOf } from './cards.ts'
import { ibanOf, sepaDebitOf } from './ibans.ts'

type Params = Stripe.PaymentMethodCreateParams
type Details = Partial<Kinds['payment_method']>

/** Types that hold nothing of their own. What is not here, and not made below, is refused. */
const emptyTypes = new Set(
  (
    'affirm afterpay_clearpay alipay alma amazon_pay bancontact billie blik crypto customer_balance giropay grabpay kakao_pay konbini ' +
    'mb_way mobilepay multibanco oxxo pay_by_bank payco paynow paypay pix promptpay revolut_pay samsung_pay satispay swish twint ' +
    'wechat_pay zip'
  ).split(' '),
)

/** The one bank of https://docs.stripe.com/testing: what a real number's bank is called nobody here knows. */
const testBank = 'STRIPE TEST BANK'
const testBanks = { us_bank_account: '110000000', acss_debit: '11000', au_becs_debit: '000000', bacs_debit: '108800' }

/** What is known of a type that keeps more than nothing. */
const makers: Record<string, (accountId: string, params: Params) => Details> = {
  acss_debit(accountId, params) {
    const { account_number, institution_number, transit_number } = given(params, 'acss_debit')
    checkNumber('acss_debit[account_number]', account_number, /^\d{7,12}$/)
    checkNumber('acss_debit[institution_number]', institution_number, /^\d{3}$/)
    checkNumber('acss_debit[transit_number]', transit_number, /^\d{5}$/)
    onlyTestBank('acss_debit', 'transit_number', transit_number)
    return {
      acss_debit: {
        bank_name: testBank,
        fingerprint: fingerprintOf(accountId, `${institution_number}-${transit_number}-${account_number}`),
        institution_number,
        last4: account_number.slice(-4),
        transit_number,
      },
    }
  },
  au_becs_debit(accountId, params) {
    const { account_number, bsb_number } = given(params, 'au_becs_debit')
    checkNumber('au_becs_debit[account_number]', account_number, /^\d{5,9}$/)
    checkNumber('au_becs_debit[bsb_number]', bsb_number, /^\d{6}$/)
    onlyTestBank('au_becs_debit', 'bsb_number', bsb_number)
    const fingerprint = fingerprintOf(accountId, `${bsb_number}-${account_number}`)
    return { au_becs_debit: { bsb_number, fingerprint, last4: account_number.slice(-4) } }
  },
  bacs_debit(accountId, params) {
    const { account_number, sort_code } = given(params, 'bacs_debit')
    if (account_number === undefined) throw missingParameter('bacs_debit[account_number]')
    if (sort_code === undefined) throw missingParameter('bacs_debit[sort_code]')
    const code = sort_code.replaceAll('-', '')
    checkNumber('bacs_debit[account_number]', account_number, /^\d{8}$/)
    checkNumber('bacs_debit[sort_code]', code, /^\d{6}$/)
    onlyTestBank('bacs_debit', 'sort_code', code)
    const fingerprint = fingerprintOf(accountId, `${code}-${account_number}`)
    return { bacs_debit: { fingerprint, last4: account_number.slice(-4), sort_code: code } }
  },
  boleto(accountId, params) {
    const { tax_id } = given(params, 'boleto')
    return { boleto: { fingerprint: fingerprintOf(accountId, tax_id), tax_id } }
  },
  /** Whose account it is shows once the customer has approved a payment. */
  cashapp: () => ({ cashapp: { buyer_id: null, cashtag: null } }),
  eps: (_accountId, { eps }) => ({ eps: { bank: eps?.bank ?? null } }),
  fpx(_accountId, params) {
    const { bank, account_holder_type } = given(params, 'fpx')
    return { fpx: { account_holder_type: account_holder_type ?? null, bank } }
  },
  ideal: (_accountId, { ideal }) => ({
    ideal: { bank: ideal?.bank ?? null, bic: (ideal?.bank && bics[ideal.bank]) ?? null },
  }),
  klarna: (_accountId, { klarna }) => ({ klarna: klarna?.dob ? { dob: klarna.dob } : {} }),
  p24: (_accountId, { p24 }) => ({ p24: { bank: p24?.bank ?? null } }),
  paypal: () => ({ paypal: { country: null, payer_email: null, payer_id: null } }),
  sepa_debit(accountId, params) {
    const { iban } = given(params, 'sepa_debit')
    for (const field of ['name', 'email'] as const) {
      if (!params.billing_details?.[field]) throw missingParameter(`billing_details[${field}]`)
    }
    return { sepa_debit: sepaDebitOf(accountId, ibanOf(iban)) }
  },
  sofort: (_accountId, params) => ({ sofort: { country: given(params, 'sofort').country } }),
  us_bank_account(accountId, params) {
    const bank = given(params, 'us_bank_account')
    if (bank.financial_connections_account) throw notSupported('accounts of Financial Connections')
    if (bank.account_number === undefined) throw missingParameter('us_bank_account[account_number]')
    if (bank.routing_number === undefined) throw missingParameter('us_bank_account[routing_number]')
    checkNumber('us_bank_account[account_number]', bank.account_number, /^\d{4,17}$/)
    checkNumber('us_bank_account[routing_number]', bank.routing_number, /^\d{9}$/)
    onlyTestBank('us_bank_account', 'routing_number', bank.routing_number)
    return {
      us_bank_account: {
        account_holder_type: bank.account_holder_type ?? null,
        account_type: bank.account_type ?? 'checking',
        bank_name: testBank,
        financial_connections_account: null,
        fingerprint: fingerprintOf(accountId, `${bank.routing_number}-${bank.account_number}`),
        last4: bank.account_number.slice(-4),
        networks: { preferred: 'ach', supported: ['ach'] },
        routing_number: bank.routing_number,
        status_details: {},
      },
    }
  },
}

/** The code of each bank that iDEAL names. */
const bics: Record<string, Stripe.PaymentMethod.Ideal.Bic> = {
  abn_amro: 'ABNANL2A',
  adyen: 'ADYBNL2A',
  asn_bank: 'ASNBNL21',
  bunq: 'BUNQNL2A',
  buut: 'BUUTNL2A',
  finom: 'FNOMNL22',
  handelsbanken: 'HANDNL2A',
  ing: 'INGBNL2A',
  knab: 'KNABNL2H',
  mollie: 'MLLENL2A',
  moneyou: 'MOYONL21',
  n26: 'NTSBDEB1',
  nn: 'NNBANL2G',
  rabobank: 'RABONL2U',
  regiobank: 'RBRBNL21',
  revolut: 'REVOLT21',
  sns_bank: 'SNSBNL2A',
  triodos_bank: 'TRIONL2U',
  van_lanschot: 'FVLBNL22',
  yoursafe: 'BITSNL2A',
}

/**
 * What a new payment method of another type than `card` holds under the name of its type.
 *
 * Throws an ApiError: 400 `parameter_missing`, `account_number_invalid` or `routing_number_invalid` for what the type needs, 501 for a type, or a bank, of which nothing is known here.
 *
 * https://docs.stripe.com/api/payment_methods/object
 */
export function detailsOf(accountId: string, type: string, params: Params): Details {
  const make = Object.hasOwn(makers, type) ? makers[type] : undefined
  if (make) return make(accountId, params)
  if (emptyTypes.has(type)) return { [type]: {} }
  throw notSupported(`payment methods of the type ${type}`)
}

/** The parameters of a type that cannot be without them. */
function given<Type extends keyof Params>(params: Params, type: Type): NonNullable<Params[Type]> {
  const own = params[type]
  if (!own) throw missingParameter(type)
  return own
}

/** 400 for what cannot be a number of an account, or of a bank: https://docs.stripe.com/error-codes#account-number-invalid */
function checkNumber(param: string, number: string, form: RegExp): void {
  if (form.test(number)) return
  throw param.endsWith('[account_number]')
    ? invalidRequest(
        'The bank account number provided is invalid (e.g., missing digits).',
        param,
        'account_number_invalid',
      )
    : invalidRequest('The bank routing number provided is invalid.', param, 'routing_number_invalid')
}

function onlyTestBank(type: keyof typeof testBanks, name: string, code: string): void {
  if (code !== testBanks[type])
    throw notSupported(`other banks than ${testBank}: ${type}[${name}]=${testBanks[type]} is the test bank; ${code}`)
}
