import { fileURLToPath } from 'node:url'
import { startStripeLocal } from '../index.ts'
import type { Target } from './ask.ts'
import { catalogueOf } from './catalogue.ts'
import type { Difference } from './correspondence.ts'
import { reasonFor } from './known-differences.ts'
import { type Conversation, readConversations } from './recording.ts'
import { replay, type StepResult } from './replay.ts'

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

/** Replays every conversation of a folder against Stripe Local, each in an account of its own. */
export async function replayFolder(folder: string): Promise<ConversationReport[]> {
  const local = await startStripeLocal()
  try {
    return await replayAll(readConversations(folder), (index) => targetOf(local, `sk_test_conformance${index}`))
  } finally {
    await local.stop()
  }
}

/** A key with which nothing real can be moved. */
export const isTestKey = (key: string): boolean => /^(sk|rk)_test_\w/.test(key)

/**
 * Replays every conversation of a folder against the real Stripe in test mode, to see whether what was recorded is still so. What is
 * made stays in the account of the key.
 */
export async function replayFolderLive(folder: string, key: string): Promise<ConversationReport[]> {
  if (!isTestKey(key)) throw new Error('STRIPE_SECRET_KEY must be a key of test mode, which begins with sk_test_.')
  return replayAll(readConversations(folder), () => ({ url: 'https://api.stripe.com', key }))
}

async function replayAll(
  conversations: readonly Conversation[],
  targetFor: (index: number) => Target,
): Promise<ConversationReport[]> {
  const catalogue = catalogueOf(conversations)
  const reports: ConversationReport[] = []
  for (const [index, conversation] of conversations.entries()) {
    reports.push(reportOf(conversation, await replay(conversation, catalogue, targetFor(index))))
  }
  return reports
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
