// SPDX-License-Identifier: Apache-2.0

/**
 * A reader as it leaves the factory, on a pseudo-terminal: everything that an installer does with `lintel` can be
 * practised on it, up to the first tap by a simulated phone. `npm start -- --factory`.
 */
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { NodeCrypto } from "../hal/node/crypto.js";
import { NodeRandom } from "../hal/node/random.js";
import { Holder } from "../phone/holder.js";
import { toHex } from "../protocol/bytes.js";
import { EDDSA, signer } from "../protocol/credential/cose.js";
import { byKcwt } from "../protocol/edhoc/id-cred.js";
import { readLists } from "../site/lib/keys.js";
import { inWords } from "../site/lib/log/describe.js";
import { describeBridge, startBridge } from "./bridge/bridge.js";
import { computerNetwork } from "./computer-network.js";
import { plugInConsole } from "./pty/console.js";
import { SeededRandom } from "./random.js";
import { RealTime } from "./realtime.js";
import { World, type WorldOptions } from "./world.js";

/** How long a hand holds the phone to the reader, ms. */
const TAP_MS = 1200;
/** How long a hand presses request-to-exit, ms. */
const PRESS_MS = 300;

export interface FactoryOptions {
	readonly crypto: NodeCrypto;
	readonly seed: number;
	/** Where the reader's firmware runs: here, or on XS in a process of its own. */
	readonly engine: "node" | "xs";
	/** Port at which programs play phones. */
	readonly bridge?: number | undefined;
	/** URL of a site's server, which the reader reaches over this computer's network. */
	readonly site?: string | undefined;
}

export async function startFactory({ bridge, crypto, engine, seed, site }: FactoryOptions): Promise<void> {
	const say = (text: string): void => {
		process.stdout.write(`${text}\n`);
	};
	const { world, real, end } = await powered({ crypto, engine, seed, site });
	if (bridge !== undefined)
		process.stdout.write(describeBridge(await startBridge({ world, real, port: bridge })));
	const terminal = await plugInConsole(world, real);
	const phone = crypto.ed25519KeyPair(new SeededRandom(seed).bytes(32));

	const tap = (): void => {
		try {
			const holder = new Holder({
				crypto,
				random: new NodeRandom(),
				credential: {
					...byKcwt(new Uint8Array(readFileSync("phone.cwt"))),
					...signer(crypto, EDDSA, phone.secretKey),
				},
				suite: 4,
				trust: readLists("site.json", crypto).trust,
				onResult: (result) =>
					say(`phone: ${result.kind === "decision" ? result.decision?.reason : result.error.message}`),
			});
			const card = world.phones.of(holder);
			real.now(() => {
				world.board.field.present(card);
				world.time.after(TAP_MS * 1000, () => world.board.field.remove(card));
			});
		} catch (error) {
			say(`the phone has no credential yet: ${(error as Error).message}`);
		}
	};
	say(`A reader from the factory is on ${terminal.path}`);
	if (site !== undefined) say(howToJoin(site, terminal.path));
	say(`A phone has the public key ${toHex(phone.publicKey)}`);
	say("Press Enter to tap the phone (with phone.cwt and site.json of this folder), Ctrl-C to end.");
	say("Hands for `lintel test`: o pulls the door open, c shuts it, x presses request-to-exit; then Enter.");
	world.door.relay.watch(() => say(world.door.relay.on ? "relay on: the strike is released" : "relay off"));
	setInterval(
		() =>
			real.now(() => {
				for (const entry of world.auditor.newEntries()) say(`log ${entry.serial}: ${inWords(entry)}`);
			}),
		200,
	);
	const { door } = world;
	const hands: { readonly [line: string]: () => void } = {
		"": tap,
		// By the handle inside.
		o: () => real.now(() => void door.pull(true)),
		c: () => real.now(() => door.shut()),
		x: () =>
			real.now(() => {
				door.press(true);
				world.time.after(PRESS_MS * 1000, () => door.press(false));
			}),
	};
	createInterface({ input: process.stdin }).on("line", (line) => {
		const hand = hands[line.trim()];
		if (hand === undefined) say("Enter, o, c or x");
		else hand();
	});
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
		process.on(signal, () => {
			terminal.close();
			end();
			process.exit(0);
		});
}

/** The reader and its world, which runs in real time. */
async function powered({
	crypto,
	engine,
	seed,
	site,
}: FactoryOptions): Promise<{ world: World; real: RealTime; end: () => void }> {
	const xs = engine === "xs" ? (await import("./engine/xs.js")).xsEngine() : undefined;
	const settings: WorldOptions = { seed, crypto, factory: true, ...(xs && { start: xs.start }) };
	const world = new World(settings);
	const real = new RealTime(world.time);
	if (site !== undefined) settings.network = computerNetwork((action) => real.now(action));
	world.powerOn();
	return { world, real: real.start(), end: () => xs?.close() };
}

function howToJoin(site: string, port: string): string {
	return `To join it to its site, with keys of the site and a token of its server in LINTEL_TOKEN:
  npx lintel commission door.json --port ${port} --site-key site-key.json --site ${site}
  echo "correct horse" | npx lintel wifi join Building --port ${port} --site-key site-key.json`;
}
