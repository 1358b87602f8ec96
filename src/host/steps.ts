/** @file A question of several: a quick pick that knows its number, goes back, and may fill in while it is open. */
import * as vscode from 'vscode';

export interface StepItem<Value> extends vscode.QuickPickItem {
  /** What choosing it means; items without one are there to be read. */
  readonly value?: Value;
}

export interface Step<Value> {
  readonly title: string;
  readonly step: number;
  readonly totalSteps: number;
  readonly placeholder: string;
  /** Shown instead when items that had to be waited for are there. @default the same */
  readonly readyPlaceholder?: string;
  /** At once, or when they are known; then the question shows that it is busy. */
  readonly items: readonly StepItem<Value>[] | ((signal: AbortSignal) => Promise<readonly StepItem<Value>[]>);
}

/**
 * Asks.
 *
 * @returns the value chosen, `back`, or undefined when the question was closed
 * @throws what `items` throws
 */
export function askStep<Value>(step: Step<Value>): Promise<{ readonly value: Value } | 'back' | undefined> {
  const pick = vscode.window.createQuickPick<StepItem<Value>>();
  const controller = new AbortController();
  pick.title = step.title;
  pick.step = step.step;
  pick.totalSteps = step.totalSteps;
  pick.placeholder = step.placeholder;
  pick.ignoreFocusOut = true;
  pick.matchOnDetail = true;
  if (step.step > 1) pick.buttons = [vscode.QuickInputButtons.Back];
  return new Promise<{ readonly value: Value } | 'back' | undefined>((resolve, reject) => {
    const fill = (items: readonly StepItem<Value>[]) => {
      pick.items = items;
      const first = items.find((item) => item.value !== undefined);
      if (first) pick.activeItems = [first];
    };
    if (typeof step.items === 'function') {
      pick.busy = true;
      step
        .items(controller.signal)
        .then(fill, reject)
        .finally(() => {
          pick.busy = false;
          pick.placeholder = step.readyPlaceholder ?? step.placeholder;
        });
    } else fill(step.items);
    pick.onDidAccept(() => {
      const [chosen] = pick.selectedItems;
      if (chosen?.value !== undefined) resolve({ value: chosen.value });
    });
    pick.onDidTriggerButton(() => resolve('back'));
    pick.onDidHide(() => resolve(undefined));
    pick.show();
  }).finally(() => {
    controller.abort();
    pick.dispose();
  });
}
