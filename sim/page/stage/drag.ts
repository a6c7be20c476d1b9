// SPDX-License-Identifier: Apache-2.0

/** The reader's element: where a phone is dropped. */
export const READER = "reader";

/** Further than this is no longer a click, px. */
const SLOP = 6;
/** A hand need not be exact: so far around the reader counts, px. */
const NEAR = 24;

/**
 * Lets a pointer drag the drawing in `source` over the page from this press on. `onDrop` where it ends at the reader; a press that does not move is a
 * click, which the element has anyway.
 */
export function beginDrag(event: PointerEvent, source: HTMLElement, onDrop: () => void): void {
	if (event.button !== 0) return;
	const drawing = source.querySelector<SVGElement>(".device");
	if (drawing === null) return;
	const { clientX: fromX, clientY: fromY, pointerId } = event;
	const place = drawing.getBoundingClientRect();
	let ghost: SVGElement | undefined;
	const isAtReader = (x: number, y: number): boolean => {
		const { bottom, left, right, top } = document.getElementById(READER)!.getBoundingClientRect();
		return x > left - NEAR && x < right + NEAR && y > top - NEAR && y < bottom + NEAR;
	};
	const move = ({ clientX: x, clientY: y }: PointerEvent): void => {
		if (ghost === undefined) {
			if (Math.hypot(x - fromX, y - fromY) < SLOP) return;
			ghost = drawing.cloneNode(true) as SVGElement;
			ghost.classList.add("ghost");
			ghost.style.width = `${place.width}px`;
			document.body.append(ghost);
			source.classList.add("dragged");
		}
		ghost.style.transform = `translate(${place.left + x - fromX}px, ${place.top + y - fromY}px)`;
		document.getElementById(READER)!.classList.toggle("wanted", isAtReader(x, y));
	};
	const end = (up: PointerEvent): void => {
		source.removeEventListener("pointermove", move);
		source.removeEventListener("pointerup", end);
		source.removeEventListener("pointercancel", end);
		document.getElementById(READER)!.classList.remove("wanted");
		if (ghost === undefined) return;
		ghost.remove();
		source.classList.remove("dragged");
		// The click that comes with the end of a drag is none.
		source.addEventListener("click", swallow, true);
		setTimeout(() => source.removeEventListener("click", swallow, true));
		if (up.type === "pointerup" && isAtReader(up.clientX, up.clientY)) onDrop();
	};
	source.setPointerCapture(pointerId);
	source.addEventListener("pointermove", move);
	source.addEventListener("pointerup", end);
	source.addEventListener("pointercancel", end);
}

function swallow(event: Event): void {
	event.stopImmediatePropagation();
}
