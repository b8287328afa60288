import ts from 'typescript'
import { schemaTable } from './schemas.ts'
import type { readSdk } from './sdk.ts'

/**
 * What each object of the API looks like in an answer, by the name in its field `object`: written as parameters are (see
 * `schemas.ts`), where `?` marks what may be null and `@customer` another object. A name has several schemas when the SDK declares
 * several interfaces for it: a customer and a deleted one.
 */
export function answerSchemas({ checker, declarations }: ReturnType<typeof readSdk>): {
  nodes: string[]
  objects: Record<string, string[]>
} {
  const schemas = schemaTable(checker, {
    named: (declaration) => {
      const name = ts.isInterfaceDeclaration(declaration) && objectName(declaration)
      return name ? `@${name}` : null
    },
    generic: (name, argument) =>
      // Lists inside objects have a total count, which the SDK does not declare and every recording shows.
      name === 'ApiList'
        ? `object object!:string,data!:${argument}[],has_more!:boolean,total_count:number,url!:string`
        : null,
  })
  const objects: Record<string, string[]> = {}
  for (const declaration of declarations) {
    const name = objectName(declaration)
    if (!name || (name.startsWith('v2.') && name !== 'v2.core.event_destination')) continue
    objects[name] = [...new Set([...(objects[name] ?? []), schemas.ofInterface(declaration)])]
  }
  const sorted = Object.fromEntries(Object.entries(objects).sort(([a], [b]) => (a < b ? -1 : 1)))
  return { nodes: schemas.nodes(), objects: sorted }
}

/** `customer` of an interface that has `object: 'customer'`. Events are left out: what they carry has a name of its own. */
function objectName(declaration: ts.InterfaceDeclaration): string | null {
  for (const member of declaration.members) {
    if (!ts.isPropertySignature(member) || member.name.getText() !== 'object' || !member.type) continue
    const literal =
      ts.isLiteralTypeNode(member.type) && ts.isStringLiteral(member.type.literal) ? member.type.literal.text : null
    return literal === 'event' || literal === 'list' ? null : literal
  }
  return null
}
