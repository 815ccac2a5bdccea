// Telemetry is foreign text: it enters the page through textContent and title only.
export function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined && text !== null) made.textContent = text;
  return made;
}

// Makes `list` show `items` in order. A row that stays the same is not touched, so focus and hover survive.
export function reconcile(list, items, key, make, announce) {
  const present = new Map([...list.children].map((row) => [row.dataset.key, row]));
  let place = list.firstElementChild;
  for (const item of items) {
    const text = JSON.stringify(item);
    const old = present.get(key(item));
    let row = old;
    if (!old || old.contents !== text) {
      row = make(item);
      row.dataset.key = key(item);
      row.contents = text;
      if (!old && announce) row.classList.add("fresh");
      if (old) {
        if (place === old) place = row;
        old.replaceWith(row);
      }
    }
    present.delete(key(item));
    if (row === place) place = place.nextElementSibling;
    else list.insertBefore(row, place);
  }
  for (const gone of present.values()) gone.remove();
}
