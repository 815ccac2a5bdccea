import type { Attachment } from "svelte/attachments";

/** Scrolls the row that an element stands in sideways, so that the chosen one and its neighbours are seen. */
export function centred(chosen: boolean): Attachment<HTMLElement> {
  return (element) => {
    const row = element.parentElement;
    if (!chosen || !row) return;
    const [own, room] = [element.getBoundingClientRect(), row.getBoundingClientRect()];
    row.scrollLeft += own.left + own.width / 2 - (room.left + room.width / 2);
  };
}
