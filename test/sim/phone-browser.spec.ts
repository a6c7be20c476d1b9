// SPDX-License-Identifier: Apache-2.0

import { existsSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { setTimeout } from "node:timers/promises";
import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { toHex } from "../../protocol/bytes.js";
import { enrolment, type PracticeEnrolment } from "../../sim/enrolment.js";
import type { PhoneKind } from "../../sim/people.js";
import { practiceKeys } from "../../sim/practice-keys.js";
import { World } from "../../sim/world.js";
import { EmulatedAdapter } from "../support/bluetooth-adapter.js";
import { type Page, useBrowser, withPage } from "../support/browser.js";
import { root } from "../support/host.js";
import { buildPhonePackage } from "../support/phone-package.js";

/** The world's time goes in steps of this, ms, and each waits for the page and for twice as long. */
const STEP_MS = 5;
/** Steps until a tap is given up. */
const MAX_STEPS = 3000;
const MTU = 185;
/** Where the page looks for the phone's package. */
const PACKAGE = "/build/npm/phone/";
const TYPES: Readonly<Record<string, string>> = { ".html": "text/html", ".js": "text/javascript" };

/** In the page: `said` is what it says next. */
const WAIT = `{
	const output = document.querySelector("output");
	output.value = "";
	globalThis.said = new Promise((resolve) =>
		new MutationObserver(() => {
			if (output.value !== "" && output.value !== "…") resolve(output.value);
		}).observe(output, { childList: true, characterData: true, subtree: true }),
	);
	undefined;
}`;

/** Bytes of JavaScript that the page has fetched, by path. */
const fetched = new Map<string, number>();

/**
 * Lets the world's time pass until `done` is settled. However busy the computer is, the page gets its turns meanwhile: it
 * must not miss the reader's limits for want of a processor.
 */
async function pass<T>(world: World, page: Page, done: Promise<T>): Promise<T> {
	let settled = false;
	const end = done.finally(() => {
		settled = true;
	});
	for (let step = 0; !settled && step < MAX_STEPS; step++) {
		await Promise.race([end, Promise.all([page.evaluate("0"), setTimeout(2 * STEP_MS)])]);
		world.time.run(STEP_MS);
	}
	if (!settled) throw new Error(`the page says nothing after ${MAX_STEPS * STEP_MS} ms`);
	return end;
}

/** The checkout as files, with the phone's package in its place; nothing is built or bundled on the way. */
async function serve(phonePackage: string): Promise<Server> {
	const server = createServer(({ url }, response) => {
		const path = normalize(new URL(url!, "http://localhost").pathname);
		const file = path.startsWith(PACKAGE)
			? join(phonePackage, path.slice(PACKAGE.length))
			: join(root, path.endsWith("/") ? `${path}index.html` : path);
		const type = TYPES[extname(file)];
		if (type === undefined || !existsSync(file)) {
			response.writeHead(404).end();
			return;
		}
		const bytes = readFileSync(file);
		if (extname(file) === ".js") fetched.set(path, bytes.length);
		response.writeHead(200, { "content-type": type }).end(bytes);
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	return server;
}

describe("the phone library in a browser", () => {
	let folder: string | undefined;
	let server: Server;

	useBrowser();
	before(async () => {
		folder = buildPhonePackage();
		server = await serve(folder);
	});

	after(() => {
		server?.close();
		server?.closeAllConnections();
		if (folder !== undefined) rmSync(folder, { recursive: true });
	});

	/** Taps by the example's page, `taps` times without loading it anew; `edit` may spoil the enrolment. */
	async function tap(
		kind: PhoneKind,
		{
			mtu = MTU,
			taps = 1,
			edit = (given) => given,
		}: { mtu?: number; taps?: number; edit?: (given: PracticeEnrolment) => PracticeEnrolment } = {},
	) {
		const world = new World({ crypto: new NodeCrypto(), seed: 6 });
		world.plan.install();
		world.powerOn();
		assert.isTrue(world.settle());
		let pulses = 0;
		world.door.watch(() => {
			if (world.door.relay.on) pulses++;
		});
		const { port } = server.address() as AddressInfo;
		return withPage(
			async (page) => {
				const adapter = await EmulatedAdapter.plugIn({ page, radio: world.radio, mtu });
				try {
					await page.goto("/examples/web-bluetooth/");
					await page.locator("textarea").fill(JSON.stringify(edit(enrolment(world, kind))));
					let said: unknown;
					for (let i = 0; i < taps; i++) {
						await page.evaluate(WAIT);
						await page.locator("button").click();
						said = await pass(world, page, page.evaluate("said"));
						// The reader hangs up, and after the strike's time the relay falls.
						await pass(world, page, setTimeout(50));
						world.time.run(8000);
					}
					assert.deepEqual(adapter.errors, []);
					return { world, adapter, said, pulses };
				} finally {
					await adapter.unplug();
				}
			},
			{ url: `http://127.0.0.1:${port}` },
		);
	}

	it("opens the door for a valid phone", async () => {
		const { world, said, pulses, adapter } = await tap("valid");
		assert.equal(said, "FRONT: granted");
		assert.equal(pulses, 1);
		assert.deepEqual(world.auditor.decisions(), [{ granted: true, reason: "granted" }]);
		// Three frames of the least MTU, then as long as the reader's own.
		assert.deepEqual(adapter.written.slice(0, 2), [20, 20]);
		assert.equal(Math.max(...adapter.notified), MTU - 3);
		assert.equal(Math.max(...adapter.written), MTU - 3);
	});

	it("opens it again from the same page", async () => {
		const { said, pulses, world } = await tap("valid", { taps: 2 });
		assert.equal(said, "FRONT: granted");
		assert.equal(pulses, 2);
		assert.lengthOf(world.auditor.decisions(), 2);
	});

	it("says why the door stays shut", async () => {
		const { world, said, pulses } = await tap("revoked");
		assert.equal(said, "FRONT: revoked");
		assert.equal(pulses, 0);
		assert.deepEqual(world.auditor.decisions(), [{ granted: false, reason: "revoked" }]);
	});

	it("opens by the least MTU", async () => {
		const { said, pulses, adapter } = await tap("valid", { mtu: 23 });
		assert.equal(said, "FRONT: granted");
		assert.equal(pulses, 1);
		assert.equal(Math.max(...adapter.written, ...adapter.notified), 20);
	});

	it("does not answer a reader that its own site has not signed", async () => {
		const crypto = new NodeCrypto();
		const { world, said, pulses, adapter } = await tap("valid", {
			edit: (given) => ({
				...given,
				trust: toHex(practiceKeys(given.site, crypto.ed25519KeyPair(new Uint8Array(32)), crypto).lists[0]!),
			}),
		});
		assert.equal(said, "credential: bad-signature");
		assert.equal(pulses, 0);
		assert.deepEqual(world.auditor.decisions(), [{ granted: false, reason: "transaction-incomplete" }]);
		assert.isBelow(
			adapter.written.slice(3).reduce((sum, size) => sum + size, 0),
			40,
			"an error, not a message_3",
		);
	});

	it("is 800 kB of modules at most, of its own and of the packages that it names", () => {
		assert.isNotEmpty(fetched);
		for (const path of fetched.keys())
			assert.match(
				path,
				/^\/(examples\/web-bluetooth|build\/npm\/phone|node_modules\/(@noble\/(ciphers|curves|hashes)|tweetnacl-ts\/es))\//,
			);
		assert.isAtMost(
			[...fetched.values()].reduce((sum, size) => sum + size, 0),
			800_000,
		);
	});
});
