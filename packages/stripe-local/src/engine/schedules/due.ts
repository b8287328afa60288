import { defineDue } from '../agenda.ts'
import { dueDate, stepSchedule } from './phases.ts'

defineDue({
  kind: 'subscription_schedule',
  dueAt: (_account, schedule) => dueDate(schedule),
  run: stepSchedule,
})
