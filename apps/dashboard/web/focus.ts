/** The attribute of controls that come with each item of a list, such as a menu: its value names the item. */
export const ITEM = 'data-focus-item';

/** The attribute of the control that gets the focus when an item is gone and no other is left. */
export const FALLBACK = 'data-focus-fallback';

/** Where the focus belongs once what was opened is closed. */
export interface Opener {
  readonly element: Element | null;
  /** The item that it belongs to, and the place of that item in its list. */
  readonly item: string | undefined;
  readonly position: number;
}

/** The control that has the focus. For an item of a menu, which closes, it is the button of the menu. */
export function currentOpener(): Opener {
  const active = document.activeElement;
  const button = active?.closest('[role=menu]')?.getAttribute('aria-labelledby');
  return openerOf(button == null ? active : document.getElementById(button));
}

export function openerOf(element: Element | null): Opener {
  const item = element?.getAttribute(ITEM) ?? undefined;
  return { element, item, position: item === undefined ? -1 : items().findIndex((one) => one === element) };
}

/** Focuses the opener; if it is gone, its item in another list, then the item in its place, then the fallback. */
export function focusOpener({ element, item, position }: Opener): void {
  const all = items();
  const successor =
    element?.isConnected === true && element !== document.body
      ? element
      : (all.find((one) => one.getAttribute(ITEM) === item) ??
        (position < 0 ? undefined : all[Math.min(position, all.length - 1)]) ??
        document.querySelector(`[${FALLBACK}]`));
  if (successor instanceof HTMLElement) successor.focus({ preventScroll: true });
}

function items(): Element[] {
  return [...document.querySelectorAll(`[${ITEM}]`)];
}
