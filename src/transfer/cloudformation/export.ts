import type { Selection } from '../selection.ts';
import type { Exported } from '../terraform/export.ts';
export function exportCloudFormation(_selection: Selection): Exported {
  return { text: '', notes: [] };
}
