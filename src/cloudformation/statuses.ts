import type { StackWork } from '../model/stack-records.ts';

type Course = StackWork['course'];

/** The status of a stack while it is worked on. */
const WORKING: Readonly<Record<Course, Readonly<Record<StackWork['phase'], string>>>> = {
  create: { apply: 'CREATE_IN_PROGRESS', cleanup: 'CREATE_IN_PROGRESS' },
  'create-rollback': { apply: 'ROLLBACK_IN_PROGRESS', cleanup: 'ROLLBACK_IN_PROGRESS' },
  update: { apply: 'UPDATE_IN_PROGRESS', cleanup: 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS' },
  'update-rollback': {
    apply: 'UPDATE_ROLLBACK_IN_PROGRESS',
    cleanup: 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
  },
  delete: { apply: 'DELETE_IN_PROGRESS', cleanup: 'DELETE_IN_PROGRESS' },
};

/** The status of a stack whose course has ended well, or badly. */
const ENDED: Readonly<Record<Course, { readonly well: string; readonly badly: string }>> = {
  create: { well: 'CREATE_COMPLETE', badly: 'CREATE_FAILED' },
  'create-rollback': { well: 'ROLLBACK_COMPLETE', badly: 'ROLLBACK_FAILED' },
  update: { well: 'UPDATE_COMPLETE', badly: 'UPDATE_FAILED' },
  'update-rollback': { well: 'UPDATE_ROLLBACK_COMPLETE', badly: 'UPDATE_ROLLBACK_FAILED' },
  delete: { well: 'DELETE_COMPLETE', badly: 'DELETE_FAILED' },
};

export function workingStatus({ course, phase }: Pick<StackWork, 'course' | 'phase'>): string {
  return WORKING[course][phase];
}

export function endStatus(course: Course, isWell: boolean): string {
  return isWell ? ENDED[course].well : ENDED[course].badly;
}

/** The stacks that an update may begin from. */
export const UPDATABLE: ReadonlySet<string> = new Set([
  'CREATE_COMPLETE',
  'CREATE_FAILED',
  'UPDATE_COMPLETE',
  'UPDATE_FAILED',
  'UPDATE_ROLLBACK_COMPLETE',
  'IMPORT_COMPLETE',
]);
