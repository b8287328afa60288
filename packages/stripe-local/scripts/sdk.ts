import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

/**
 * One operation: `GET /v1/customers/{id}`, the declaration of its parameters and the name under which the SDK exports that type
 * (null where it does not: a few test helpers).
 */
export type SdkOperation = { operation: string; parameters: ts.TypeNode | null; typeName: string | null }

const esm = join(dirname(fileURLToPath(import.meta.resolve('stripe'))), '..', 'esm')

/** Everything that the installed SDK declares: its versions, every operation, and a checker to follow its types with. */
export function readSdk() {
  const entry = join(esm, 'stripe.esm.node.d.ts')
  const resources = readdirSync(join(esm, 'resources'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.d.ts'))
    .sort()
    .map((name) => join(esm, 'resources', name))
  const program = ts.createProgram([entry, ...resources], {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    skipLibCheck: true,
    types: [],
  })
  const checker = program.getTypeChecker()
  const names = publicNames(program, checker, entry)
  const operations = new Map<string, SdkOperation>()
  for (const file of resources) {
    const source = program.getSourceFile(file)
    if (!source) throw new Error(`TypeScript did not load ${file}`)
    for (const found of operationsOf(source, checker, names)) {
      // Two methods of the SDK may call one operation; the one that declares parameters says more.
      const known = operations.get(found.operation)
      if (!known?.typeName) operations.set(found.operation, found)
    }
  }
  return {
    version: (JSON.parse(readFileSync(join(esm, '../package.json'), 'utf8')) as { version: string }).version,
    apiVersion: /ApiVersion = '([^']+)'/.exec(readFileSync(join(esm, 'apiVersion.js'), 'utf8'))?.[1] ?? '',
    checker,
    declarations: resources.flatMap((file) => interfacesOf(program.getSourceFile(file))),
    operations: [...operations.values()].sort((a, b) => (a.operation < b.operation ? -1 : 1)),
  }
}

const interfacesOf = (source: ts.SourceFile | undefined): ts.InterfaceDeclaration[] =>
  (source?.statements ?? ([] as ts.Statement[])).flatMap((one) =>
    ts.isInterfaceDeclaration(one) && !one.typeParameters ? [one] : [],
  )

/** The SDK's declarations are spread over files; users reach them as `Stripe.…`. Maps each declared symbol to that name. */
function publicNames(program: ts.Program, checker: ts.TypeChecker, entry: string): Map<ts.Symbol, string> {
  const source = program.getSourceFile(entry)
  const module = source && checker.getSymbolAtLocation(source)
  const stripe = module && checker.getExportsOfModule(module).find((symbol) => symbol.name === 'Stripe')
  if (!stripe) throw new Error(`${entry} exports no Stripe: has the SDK moved its entry?`)
  const names = new Map<ts.Symbol, string>()
  const visit = (container: ts.Symbol, prefix: string) => {
    for (const exported of checker.getExportsOfModule(container)) {
      const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
      const name = `${prefix}.${exported.name}`
      if (names.has(symbol)) continue
      names.set(symbol, name)
      const isNamespace = symbol.flags & ts.SymbolFlags.Namespace
      if (isNamespace && prefix.split('.').length < 4) visit(symbol, name)
    }
  }
  visit(stripe.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(stripe) : stripe, 'Stripe')
  return names
}

/** The operations of one resource: types out of the declaration, verb and path out of the code beside it. */
function* operationsOf(
  source: ts.SourceFile,
  checker: ts.TypeChecker,
  names: Map<ts.Symbol, string>,
): Generator<SdkOperation> {
  const code = readFileSync(source.fileName.replace(/\.d\.ts$/, '.js'), 'utf8')
  for (const statement of source.statements) {
    if (!ts.isClassDeclaration(statement) || !statement.name) continue
    const calls = requestsOf(code, statement.name.text)
    for (const member of statement.members) {
      if (!ts.isMethodDeclaration(member) || !ts.isIdentifier(member.name)) continue
      const operation = calls.get(member.name.text)
      // OAuth is at another host, and no part of the API.
      if (!operation || operation.includes(' /oauth/')) continue
      const type = member.parameters.find(({ name }) => name.getText() === 'params')?.type ?? null
      yield { operation, parameters: type, typeName: type && publicTypeName(type, checker, names) }
    }
  }
}

function publicTypeName(type: ts.TypeNode, checker: ts.TypeChecker, names: Map<ts.Symbol, string>): string | null {
  if (!ts.isTypeReferenceNode(type)) return null
  const local = checker.getSymbolAtLocation(type.typeName)
  const symbol = local && local.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(local) : local
  return (symbol && names.get(symbol)) ?? null
}

/** Method name → `POST /v1/…/{id}` of one class, read from its compiled JavaScript. */
function requestsOf(code: string, className: string): Map<string, string> {
  const start = code.indexOf(`class ${className} `)
  const end = code.indexOf('\nclass ', start + 1)
  const body = code.slice(start, end < 0 ? undefined : end)
  const requests = new Map<string, string>()
  for (const [, method, rest] of body.matchAll(/^ {4}(\w+)\([^)]*\) \{\n([\s\S]*?)^ {4}\}/gm)) {
    const request = /_makeRequest\('([A-Z]+)', [`']([^`']+)[`']/.exec(rest ?? '')
    if (method && request) requests.set(method, `${request[1]} ${withPlaceholders(request[2] ?? '')}`)
  }
  return requests
}

/** The first placeholder is `{id}`; a later one is named after what it counts: `/features/{feature}`. */
function withPlaceholders(path: string): string {
  const segments = path.split('/')
  const first = segments.findIndex((segment) => segment.startsWith('${'))
  return segments
    .map((segment, index) => {
      if (!segment.startsWith('${')) return segment
      return index === first ? '{id}' : `{${singular(segments[index - 1] ?? 'id')}}`
    })
    .join('/')
}

const singular = (word: string): string => word.replace(/ies$/, 'y').replace(/s$/, '')
