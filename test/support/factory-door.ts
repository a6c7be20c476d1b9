// SPDX-License-Identifier: Apache-2.0

/** A door of a site made at the cable from a reader as it leaves the factory: its firmware whole, in the computer's time and on its network. */
import { randomBytes } from "node:crypto";
import { assert } from "chai";
import type { Page } from "playwright-core";
import { toHex } from "../../protocol/bytes.js";
import type { ReaderConfig } from "../../protocol/config/document.js";
import type { ReaderInfo } from "../../protocol/provisioning/messages.js";
import type { Role } from "../../protocol/trust/list.js";
import { configuration } from "../../sim/commission.js";
import { computerNetwork } from "../../sim/computer-network.js";
import type { XsEngine } from "../../sim/engine/xs.js";
import { RealTime } from "../../sim/realtime.js";
import { World, type WorldOptions } from "../../sim/world.js";
import { withAuthority, withoutAnswer } from "../../site/lib/provisioning/authority.js";
import { type BytePort, ProvisioningClient } from "../../site/lib/provisioning/client.js";
import { commission } from "../../site/lib/provisioning/commission.js";
import { keyFor, type SigningKey } from "../../site/lib/site-keys.js";
import type { TestSite } from "../site/server/test-site.js";
import { HANGS_MS } from "./until.js";
import { PageBluetooth } from "./web-bluetooth.js";

/** Longer than a reader takes no code after its start, ms. */
const SETTLES_MS = 60_000;

/** A program at the reader's cable. */
export function clientAt(world: World, real: RealTime): ProvisioningClient {
	const port: BytePort = {
		write: (bytes) => real.now(() => world.console.send(bytes)),
		...{ onBytes: undefined, onClosed: undefined, close: () => undefined },
	};
	world.console.onHost = (bytes) => port.onBytes?.(bytes);
	return new ProvisioningClient(port, new Uint8Array(randomBytes(8)));
}

const setClock = (reader: ProvisioningClient): Promise<unknown> =>
	reader.request("time", { seconds: Math.floor(Date.now() / 1000) });

export class FactoryDoor {
	readonly world: World;
	readonly #real: RealTime;
	readonly #site: TestSite;
	readonly #config: ReaderConfig;
	readonly #engine: XsEngine | undefined;

	/** A line scanner is beside the door. `engine`: where its firmware runs, if not in this process. */
	constructor(site: TestSite, id: string, engine?: XsEngine) {
		const parts = { id, scanner: { model: "line" }, timeServer: "" };
		const options: WorldOptions = {
			...{ crypto: site.crypto, seed: 5, factory: true, logSize: 32 * 1024, configuration: parts },
			...(engine && { start: engine.start }),
			network: computerNetwork((action) => this.#real.now(action)),
		};
		this.#site = site;
		this.#config = configuration(parts);
		this.#engine = engine;
		this.world = new World(options);
		this.#real = new RealTime(this.world.time);
	}

	/** As an installer does: commissioned, registered with the site's server, and joined to the building's Wi-Fi. */
	async install(): Promise<void> {
		this.world.powerOn();
		this.#real.start();
		const reader = clientAt(this.world, this.#real);
		const restarted = await this.#withAuthority(reader, () => this.#commission(reader));
		this.#real.now(() => this.world.time.run(restarted));
		await reader.request("info", {}, HANGS_MS).catch(withoutAnswer);
		// In no time for those who wait; the clock is set anew then.
		this.#real.now(() => this.world.time.run(SETTLES_MS));
		const wifi = { ssid: "Building", password: "correct horse" };
		const { joined } = await this.#withAuthority(reader, async () => {
			await setClock(reader);
			return reader.request("wifi-join", wifi);
		});
		assert.isTrue(joined, "joined the Wi-Fi");
		await reader.close();
	}

	/** How long until it starts again, ms. */
	async #commission(reader: ProvisioningClient): Promise<number> {
		const site = this.#site;
		const { id: door } = this.#config;
		await setClock(reader);
		const { server } = (await site.ask("GET", `/api/doors/${door}/registration`)).body;
		const { id, key, reply } = await commission(reader, {
			...{ site: site.keys, by: this.#key("commission"), configuration: this.#config },
			// It does not wait for its turn among a site's readers.
			...{ server: { ...server, spread: 0 }, eraseLog: false, crypto: site.crypto },
		});
		const body = { door, name: door, key: toHex(key), readerId: toHex(id) };
		const { body: answer, status } = await site.ask("POST", "/api/doors", { body });
		assert.equal(status, 200, JSON.stringify(answer));
		return reply.restart ?? 0;
	}

	async #withAuthority<T>(reader: ProvisioningClient, work: (info: ReaderInfo) => Promise<T>): Promise<T> {
		const { crypto, keys } = this.#site;
		const options = {
			...{ crypto, now: () => Date.now() / 1000, door: this.#config.id },
			randomBytes: (length: number) => new Uint8Array(randomBytes(length)),
			key: () => ({ ...this.#key("install"), lists: keys.lists, trust: keys.trust }),
		};
		return withAuthority(reader, await reader.request("info", {}, HANGS_MS), options, work);
	}

	/** Of the office, or of the installer. */
	#key(role: Role): SigningKey {
		const { crypto, installer, keys, now, office } = this.#site;
		const found = keyFor({ ...keys, keys: [office, installer] }, role, this.#config.id, now, crypto);
		if (typeof found === "string") throw new Error(`no key with the role ${role}: ${found}`);
		return found;
	}

	/** Tells how often the strike was released from now on. */
	countReleases(): () => number {
		const { relay } = this.world.door;
		let releases = 0;
		relay.watch(() => {
			if (relay.on) releases++;
		});
		return () => releases;
	}

	/** The world has stood still where the computer was busy: its reader's clock is what a good one would be. */
	setClock(): void {
		this.world.wall.set(Math.floor(Date.now() / 1000), "synced");
	}

	/** A phone shows this to the scanner until `done`. */
	async shown<T>(text: string, done: () => Promise<T>): Promise<T> {
		this.setClock();
		this.#real.now(() => this.world.qr!.see(() => text));
		try {
			return await done();
		} finally {
			this.#real.now(() => this.world.qr!.see(undefined));
		}
	}

	/** This page's Bluetooth reaches the door. */
	reach(page: Page): Promise<PageBluetooth> {
		return PageBluetooth.plugIn(page, this.#real, this.world.radio);
	}

	close(): void {
		this.#real.now(() => this.world.powerOff());
		this.#real.stop();
		this.#engine?.close();
	}
}
