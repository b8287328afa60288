import ts from 'typescript'

/** What is read otherwise: a declaration that has a name of its own, a generic type. */
export type Special = {
  /** The reference for a declaration, where it is not spelled out. */
  named?: (declaration: ts.Declaration) => string | null
  /** The reference for a type with an argument, given that of the argument. */
  generic?: (name: string, argument: string) => string | null
}

/**
 * Turns the SDK's parameter types into a table of short strings, each of which names others by index; equal types share one.
 *
 * A reference is `string`, `integer`, `number`, `boolean`, `decimal`, `metadata`, `any` or the index of a node, followed by
 * `[]` (array of), `{}` (map of) and `?` (may be cleared with an empty string) as often as needed. A node is
 * - `object name!:string,active:boolean`: `!` marks what is required
 * - `enum day|month|week|year`
 * - `union 12|integer`
 */
export function schemaTable(checker: ts.TypeChecker, special: Special = {}) {
  const nodes: string[] = []
  const indexes = new Map<string, string>()
  const memo = new Map<ts.Declaration, string>()

  const intern = (node: string): string => {
    const known = indexes.get(node)
    if (known) return known
    const index = String(nodes.push(node) - 1)
    indexes.set(node, index)
    return index
  }

  const ofNode = (type: ts.TypeNode, name: string): string => {
    if (ts.isParenthesizedTypeNode(type)) return ofNode(type.type, name)
    if (ts.isArrayTypeNode(type)) return `${ofNode(type.elementType, name)}[]`
    if (ts.isUnionTypeNode(type)) return ofUnion(type, name)
    if (ts.isLiteralTypeNode(type) && ts.isStringLiteral(type.literal)) return intern(`enum ${type.literal.text}`)
    if (ts.isLiteralTypeNode(type)) return 'boolean'
    if (ts.isTypeLiteralNode(type)) return ofMembers([...type.members], name)
    if (ts.isTypeReferenceNode(type)) return ofReference(type, name)
    const keyword = keywords.get(type.kind)
    if (keyword) return keyword === 'integer' && isFraction(name) ? 'number' : keyword
    throw new Error(`No schema for ${ts.SyntaxKind[type.kind]} in ${name}: ${type.getText()}`)
  }

  const ofReference = (type: ts.TypeReferenceNode, name: string): string => {
    const written = type.typeName.getText()
    const [argument, second] = type.typeArguments ?? []
    if (written === 'Array' && argument) return `${ofNode(argument, name)}[]`
    if (written === 'Emptyable' && argument) return `${ofNode(argument, name)}?`
    if (written === 'Record' && second) return `${ofNode(second, name)}{}`
    const generic = argument && special.generic?.(written, ofNode(argument, name))
    if (generic) return intern(generic)
    const fixed = wellKnown.get(written)
    if (fixed) return fixed
    const symbol = checker.getSymbolAtLocation(type.typeName)
    const target = symbol && symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
    const declaration = target?.declarations?.find(
      (one) => ts.isInterfaceDeclaration(one) || ts.isTypeAliasDeclaration(one),
    )
    if (!declaration) throw new Error(`No declaration of ${written} in ${name}`)
    const known = special.named?.(declaration) ?? memo.get(declaration)
    if (known) return known
    const made = ts.isTypeAliasDeclaration(declaration)
      ? ofNode(declaration.type, name)
      : ofMembers(membersOf(declaration as ts.InterfaceDeclaration), name)
    memo.set(declaration, made)
    return made
  }

  /** An interface's members with those that it inherits; its own come first and win. */
  const membersOf = (declaration: ts.InterfaceDeclaration): ts.TypeElement[] => {
    const own = [...declaration.members]
    const names = new Set(own.map((member) => member.name?.getText()))
    for (const { expression } of declaration.heritageClauses?.flatMap((clause) => [...clause.types]) ?? []) {
      const symbol = checker.getTypeAtLocation(expression).symbol
      const base = symbol?.declarations?.find(ts.isInterfaceDeclaration)
      if (!base) throw new Error(`${declaration.name.text} extends ${expression.getText()}, which is no interface`)
      own.push(...membersOf(base).filter((member) => !names.has(member.name?.getText())))
    }
    return own
  }

  const ofMembers = (members: ts.TypeElement[], name: string): string => {
    const map = members.find(ts.isIndexSignatureDeclaration)
    if (map) return `${ofNode(map.type, name)}{}`
    const fields = members.filter(isValue).map((member) => {
      const field = member.name.getText().replace(/^'|'$/g, '')
      if (!member.type) throw new Error(`${name}.${field} has no type`)
      return `${field}${member.questionToken ? '' : '!'}:${ofNode(member.type, field)}`
    })
    return intern(`object ${fields.join(',')}`)
  }

  /** Literals together are one enum, in the order in which the SDK (and Stripe's messages) list them. */
  const ofUnion = (type: ts.UnionTypeNode, name: string): string => {
    const parts = type.types.filter(
      (part) => part.getText() !== 'OtherString' && part.kind !== ts.SyntaxKind.UndefinedKeyword,
    )
    const values = parts.filter((part) => ts.isLiteralTypeNode(part) && ts.isStringLiteral(part.literal))
    const clears = parts.some((part) => part.getText() === "''" || part.getText() === 'null')
    const words = values.map((part) => part.getText().slice(1, -1)).filter((word) => word !== '')
    const others = parts
      .filter((part) => !values.includes(part) && part.getText() !== 'null')
      .map((part) => ofNode(part, name))
    const open = words.length > 0 && others.includes('string')
    const members = [...new Set([...(words.length && !open ? [intern(`enum ${words.join('|')}`)] : []), ...others])]
    const one = members.length === 1 && members[0] ? members[0] : intern(`union ${members.join('|')}`)
    return clears ? `${one}?` : one
  }

  return {
    of: (type: ts.TypeNode) => ofNode(type, 'params'),
    ofInterface: (declaration: ts.InterfaceDeclaration) => ofMembers(membersOf(declaration), declaration.name.text),
    nodes: () => nodes,
  }
}

/** `deleted?: void` says that there is no such field. */
const isValue = (member: ts.TypeElement): member is ts.PropertySignature =>
  ts.isPropertySignature(member) && member.type?.kind !== ts.SyntaxKind.VoidKeyword

const keywords = new Map<ts.SyntaxKind, string>([
  [ts.SyntaxKind.StringKeyword, 'string'],
  [ts.SyntaxKind.NumberKeyword, 'integer'],
  [ts.SyntaxKind.BigIntKeyword, 'integer'],
  [ts.SyntaxKind.BooleanKeyword, 'boolean'],
  [ts.SyntaxKind.UnknownKeyword, 'any'],
  [ts.SyntaxKind.AnyKeyword, 'any'],
])

const wellKnown = new Map<string, string>([
  ['MetadataParam', 'metadata'],
  ['Metadata', 'metadata'],
  ['Decimal', 'decimal'],
  ['Uint8Array', 'any'],
  ['FileLike', 'any'],
  ['FileData', 'any'],
])

/** The declarations say `number` for both; these are the ones that Stripe's documentation calls decimal or float. */
const isFraction = (name: string): boolean =>
  /(^|_)percent(age|_off|_ownership)?$|^(height|length|width|weight)$|_rate(_|$)/.test(name)
