// No token against forgery is needed here: Dues refuses a POST that comes from another site.
const home = `<form method="post" action="/billing/checkout">
  <input type="hidden" name="plan" value="pro"><input type="hidden" name="interval" value="monthly">
  <button>Become a member</button>
</form>`

export const GET = (): Response => new Response(home, { headers: { 'content-type': 'text/html; charset=utf-8' } })
