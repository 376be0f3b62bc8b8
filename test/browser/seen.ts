/** What runs inside the page: each function stands alone, for only its own text gets there. */

/** Texts that do not fit into their boxes, save where the reader can scroll. */
export function cutOff(): string[] {
  const found: string[] = [];
  for (const element of document.querySelectorAll<HTMLElement>('main *')) {
    if (element.closest('svg') !== null || element.closest('.scroll') !== null || element.offsetParent === null)
      continue;
    const box = element.getBoundingClientRect();
    const outside = box.left < -0.5 || box.right > window.innerWidth + 0.5;
    const spills = element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).display !== 'inline';
    // a value that is broken over two lines reads as two values
    const broken =
      element.matches('.settings dd') && box.height > 1.9 * Number.parseFloat(getComputedStyle(element).fontSize);
    if (outside || broken || (spills && element.clientWidth > 0 && element.children.length === 0)) {
      found.push(`${element.tagName}.${element.className}: ${element.innerText.slice(0, 60)}`);
    }
  }
  return found;
}

/** Pairs of texts on one axis, marks or tiles that lie on each other. */
export function overlapping(): string[] {
  const found: string[] = [];
  for (const group of ['.x.axis', '.y.axis', '.tiles', '.legend', 'figcaption', '.settings']) {
    for (const parent of document.querySelectorAll(group)) {
      const boxes = [...parent.children].map((child) => ({ child, box: child.getBoundingClientRect() }));
      for (const [index, a] of boxes.entries()) {
        for (const b of boxes.slice(index + 1)) {
          const apart =
            a.box.right <= b.box.left + 0.5 ||
            b.box.right <= a.box.left + 0.5 ||
            a.box.bottom <= b.box.top + 0.5 ||
            b.box.bottom <= a.box.top + 0.5;
          if (!apart) found.push(`${group}: "${a.child.textContent}" and "${b.child.textContent}"`);
        }
      }
    }
  }
  return found;
}

/** Every text that can be seen, with the contrast to what lies behind it, by WCAG 2.2's formula. */
export function contrasts(): { readonly text: string; readonly ratio: number }[] {
  const parse = (colour: string) => (colour.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = ([red = 0, green = 0, blue = 0]: number[]) => {
    const linear = [red, green, blue].map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * (linear[0] ?? 0) + 0.7152 * (linear[1] ?? 0) + 0.0722 * (linear[2] ?? 0);
  };
  const groundOf = (element: Element): number[] => {
    for (let at: Element | null = element; at !== null; at = at.parentElement) {
      const [red = 0, green = 0, blue = 0, alpha = 1] = parse(getComputedStyle(at).backgroundColor);
      if (alpha > 0) return [red, green, blue];
    }
    return [255, 255, 255];
  };
  const found: { text: string; ratio: number }[] = [];
  for (const element of document.querySelectorAll<HTMLElement>('body *')) {
    const own = [...element.childNodes].filter(({ nodeType }) => nodeType === Node.TEXT_NODE);
    const text = own.map(({ textContent }) => textContent?.trim() ?? '').join('');
    if (text === '' || element.offsetParent === null || element.closest('svg') !== null) continue;
    const [a, b] = [luminance(parse(getComputedStyle(element).color)), luminance(groundOf(element))];
    found.push({ text: text.slice(0, 60), ratio: (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) });
  }
  return found;
}
