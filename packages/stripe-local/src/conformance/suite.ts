import { fileURLToPath } from 'node:url'
import { startStripeLocal } from '../index.ts'
import { catalogueOf } from './catalogue.ts'
import type { Difference } from './correspondence.ts'
import { reasonFor } from './known-differences.ts'
import { type Conversation, readConversations } from './recording.ts'
import { replay, type StepResult, type Target } from './replay.ts'

type Found = { step: StepResult; difference: Difference }

/** What came of one conversation. */
export type ConversationReport = {
  name: string
  steps: StepResult[]
  unexplained: Found[]
  explained: (Found & { reason: string })[]
}

/** Where the recordings are, beside the repository. They are not part of it. */
export const recordedFolder = fileURLToPath(new URL('../../../../../shared/stripe/recorded', import.meta.url))

/** Replays every conversation of a folder, each against an account of its own. */
export async function replayFolder(folder: string): Promise<ConversationReport[]> {
  const conversations = readConversations(folder)
  const catalogue = catalogueOf(conversations)
  const local = await startStripeLocal()
  try {
    const reports: ConversationReport[] = []
    for (const [index, conversation] of conversations.entries()) {
      const key = `sk_test_conformance${index}`
      reports.push(reportOf(conversation, await replay(conversation, catalogue, targetOf(local, key))))
    }
    return reports
  } finally {
    await local.stop()
  }
}

type Local = Awaited<ReturnType<typeof startStripeLocal>>

/** The account's clock is set to when the recording was made; a snapshot is the only way back in time. */
function targetOf(local: Local, key: string): Target {
  const snapshot = (): { offset: number } => local.snapshot(key) as unknown as { offset: number }
  const setTime = (time: number): void => {
    const now = snapshot()
    const realTime = local.now(key) - now.offset
    local.restore(key, { ...now, offset: time - realTime } as unknown as Parameters<Local['restore']>[1])
  }
  return { url: local.url, key, setTime }
}

function reportOf({ name }: Conversation, steps: StepResult[]): ConversationReport {
  const found = steps.flatMap((step) => step.differences.map((difference) => ({ step, difference })))
  const judged = found.map((one) => ({ ...one, reason: reasonFor(name, one.step, one.difference) }))
  return {
    name,
    steps,
    unexplained: judged.filter(({ reason }) => reason === undefined),
    explained: judged.flatMap((one) => (one.reason === undefined ? [] : [{ ...one, reason: one.reason }])),
  }
}
