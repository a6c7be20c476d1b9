// SPDX-License-Identifier: Apache-2.0

import type { Alarm, Clock } from "../../hal/contracts/time.js";
import { concat, utf8Decode, utf8Encode } from "../../protocol/bytes.js";
import { MAX_PASSWORD, MAX_SSID } from "../../protocol/provisioning/bounds.js";
import { encodeImprov, IMPROV, type ImprovFrame } from "../../protocol/provisioning/improv-frame.js";
import type { ConfigStore } from "../config/store.js";
import type { ProvisioningTarget } from "./target.js";

/** Remote procedures of Improv serial. */
const WIFI = 1;
const STATE = 2;
const INFO = 3;
const SCAN = 4;

const READY = 2;
const PROVISIONING = 3;
const PROVISIONED = 4;

const ERROR = Object.freeze({
	none: 0,
	invalid: 1,
	unknownCommand: 2,
	unableToConnect: 3,
	notAuthorised: 4,
	failed: 255,
} as const);

/** Where a result has the page to go on with: this reader has none. */
const NO_URL: readonly string[] = Object.freeze([""]);

/** Time limit of a scan or join, ms. Improv's own tools wait 30 s. */
export const IMPROV_MS = 25_000;

export interface ImprovOptions {
	readonly clock: Clock;
	readonly device: ProvisioningTarget;
	readonly store: ConfigStore;
	readonly write: (bytes: Uint8Array) => void;
	/** Stores a network that was joined. */
	readonly joined: (ssid: string, password: string) => void;
}

/**
 * Improv Wi-Fi over serial (improv-wifi.com/serial), so that existing web tools find the reader and give it Wi-Fi. It
 * has no authentication: a commissioned reader answers state and device information and refuses everything else.
 */
export class ImprovSerial {
	private readonly options: ImprovOptions;
	private readonly limit: Alarm;
	/** Ends the scan or join under way at its time limit. */
	private giveUp: (() => void) | undefined;
	/** What is under way is a join. */
	private joining = false;

	constructor(options: ImprovOptions) {
		this.options = options;
		this.limit = options.clock.alarm(() => {
			const giveUp = this.giveUp;
			this.giveUp = undefined;
			giveUp?.();
		});
	}

	/** Executes a frame. Returns true where it asks for something that a commissioned reader refuses over Improv. */
	frame({ type, data }: ImprovFrame): boolean {
		if (type !== IMPROV.rpc) return false;
		if (data.length < 2 || data[1] !== data.length - 2) {
			this.error(ERROR.invalid);
			return false;
		}
		const command = data[0]!;
		const { store } = this.options;
		if (command === STATE) this.tellState();
		else if (command === INFO) this.info();
		else if (command !== WIFI && command !== SCAN) this.error(ERROR.unknownCommand);
		else if (store.membership !== undefined || store.damaged) {
			this.error(ERROR.notAuthorised);
			return store.membership !== undefined;
		} else if (this.giveUp !== undefined) this.error(ERROR.failed);
		else if (command === SCAN) this.scan();
		else this.join(data.slice(2));
		return false;
	}

	/** A frame came with a wrong checksum: its sender is told, so that it need not wait for its time limit. */
	damaged(): void {
		this.error(ERROR.invalid);
	}

	private tellState(): void {
		if (this.joining && this.giveUp !== undefined) {
			this.send(IMPROV.state, Uint8Array.of(PROVISIONING));
			return;
		}
		const joined = this.options.device.wifi?.joined === true;
		this.send(IMPROV.state, Uint8Array.of(joined ? PROVISIONED : READY));
		if (joined) this.result(STATE, NO_URL);
	}

	private info(): void {
		const { device, store } = this.options;
		const { firmware, chip } = device.info();
		this.error(ERROR.none);
		this.result(INFO, ["Lintel", String(firmware), String(chip), store.config?.name || "Lintel reader"]);
	}

	private scan(): void {
		const { wifi } = this.options.device;
		if (wifi === undefined) {
			this.error(ERROR.unknownCommand);
			return;
		}
		const mine = this.begin(false, () => this.error(ERROR.failed));
		wifi.scan((networks) => {
			if (!this.end(mine)) return;
			for (const { ssid, rssi, secured } of networks)
				this.result(SCAN, [ssid, String(rssi), secured ? "YES" : "NO"]);
			this.result(SCAN, []);
		});
	}

	private join(data: Uint8Array): void {
		const { wifi } = this.options.device;
		const length = data[0] ?? 0;
		const ssid = utf8Decode(data.subarray(1, 1 + length));
		const rest = data.subarray(1 + length);
		const password =
			rest.length >= 1 && rest[0] === rest.length - 1 ? utf8Decode(rest.subarray(1)) : undefined;
		if (
			length === 0 ||
			length > MAX_SSID ||
			rest.length > 1 + MAX_PASSWORD ||
			ssid === undefined ||
			password === undefined
		) {
			this.error(ERROR.invalid);
			return;
		}
		if (wifi === undefined) {
			this.error(ERROR.unknownCommand);
			return;
		}
		const failed = (): void => {
			this.error(ERROR.unableToConnect);
			this.send(IMPROV.state, Uint8Array.of(READY));
		};
		const mine = this.begin(true, failed);
		this.error(ERROR.none);
		this.send(IMPROV.state, Uint8Array.of(PROVISIONING));
		wifi.join(ssid, password, (joined) => {
			if (!this.end(mine)) return;
			if (!joined) {
				failed();
				return;
			}
			this.options.joined(ssid, password);
			this.send(IMPROV.state, Uint8Array.of(PROVISIONED));
			this.result(WIFI, NO_URL);
		});
	}

	private begin(joining: boolean, giveUp: () => void): () => void {
		this.joining = joining;
		// Each scan or join has a closure of its own, which tells a late answer of an earlier one.
		const mine = (): void => giveUp();
		this.giveUp = mine;
		this.limit.set(IMPROV_MS);
		return mine;
	}

	/** Ends what is under way. Returns false for an answer that is late, or where the reader was commissioned meanwhile. */
	private end(mine: () => void): boolean {
		if (this.giveUp !== mine) return false;
		this.giveUp = undefined;
		this.limit.clear();
		if (this.options.store.membership === undefined) return true;
		this.error(ERROR.notAuthorised);
		return false;
	}

	private error(code: number): void {
		this.send(IMPROV.error, Uint8Array.of(code));
	}

	private result(command: number, texts: readonly string[]): void {
		const parts = texts.map((text) => {
			const bytes = utf8Encode(text).subarray(0, 60);
			return concat(Uint8Array.of(bytes.length), bytes);
		});
		const body = concat(...parts);
		this.send(IMPROV.result, concat(Uint8Array.of(command, body.length), body));
	}

	private send(type: number, data: Uint8Array): void {
		this.options.write(encodeImprov(type, data));
	}
}
