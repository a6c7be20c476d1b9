// SPDX-License-Identifier: Apache-2.0

/** A browser's Web Serial API whose one port is a simulated reader's. */
import type { RealTime } from "../../sim/realtime.js";
import type { World } from "../../sim/world.js";
import type { Page } from "./browser.js";

/** The API as a page finds it (WICG Web Serial, 4.1 to 4.6), in as much as our pages use of it. */
const SERIAL = `(() => {
	let controller;
	window.fromReader = (text) => controller?.enqueue(Uint8Array.from(atob(text), (one) => one.charCodeAt(0)));
	const port = Object.assign(new EventTarget(), {
		readable: null,
		writable: null,
		async open({ baudRate }) {
			if (baudRate !== 115200) throw new TypeError("not the reader's baud rate");
			if (port.readable !== null) throw new DOMException("open already", "InvalidStateError");
			port.readable = new ReadableStream({ start: (one) => { controller = one; }, cancel: () => { controller = undefined; } });
			port.writable = new WritableStream({ write: (chunk) => window.toReader(btoa(String.fromCharCode(...chunk))) });
		},
		async setSignals(signals) {
			window.serialSignals = signals;
		},
		async close() {
			if (port.readable.locked || port.writable.locked) throw new TypeError("locked");
			port.readable = port.writable = null;
		},
	});
	Object.defineProperty(navigator, "serial", {
		value: {
			requestPort: async () => {
				if (!navigator.userActivation.isActive) throw new DOMException("no gesture", "SecurityError");
				return port;
			},
		},
	});
})()`;

/** The reader of `world` hangs on the computer's cable. To be called before the page is opened. */
export async function plugIn(page: Page, world: World, real: RealTime): Promise<void> {
	let said: Promise<unknown> = Promise.resolve();
	await page.exposeFunction("toReader", (text: string) =>
		real.now(() => world.console.send(new Uint8Array(Buffer.from(text, "base64")))),
	);
	world.console.onHost = (bytes) => {
		const text = Buffer.from(bytes).toString("base64");
		// One after the other; a page that is gone hears no more.
		said = said.then(() => page.evaluate(`window.fromReader("${text}")`)).catch(() => undefined);
	};
	await page.addInitScript(SERIAL);
}
