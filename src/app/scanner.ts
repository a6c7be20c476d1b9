// SPDX-License-Identifier: Apache-2.0

/** The QR scanner of a reader that has one: joins its driver with the scheme and access. */
import { GM861 } from "../../drivers/qr/gm861.js";
import { LineScanner } from "../../drivers/qr/lines.js";
import type { ScannerEvents } from "../../drivers/qr/text-port.js";
import type { ScannerUse } from "../../hal/contracts/platform.js";
import type { ScannerConfig } from "../../protocol/config/scanner.js";
import type { Decision, Reason } from "../../protocol/reasons.js";
import type { Access } from "../access/access.js";
import type { ConfigStore } from "../config/store.js";
import { Codes } from "../schemes/qr/codes.js";
import { Uses } from "../schemes/qr/uses.js";
import type { Identity, SchemeEvents } from "../schemes/scheme.js";
import type { Device } from "./device.js";
import type { Health } from "./health.js";

/** `undefined` where the configuration has none, or the reader has no site that a code could be of. */
export function startScanner(device: Device, store: ConfigStore): Scanner | undefined {
	const use = device.platform.scanner?.();
	const settings = store.config?.scanner;
	if (use === undefined || settings === undefined || store.membership === undefined) return undefined;
	return new Scanner(device, store, use, settings);
}

/** What the reader has counted for its site, where it can have a scanner. */
export function usesOf({ platform }: Device, { membership }: ConfigStore): Uses | undefined {
	const { crypto, deviceKey } = platform;
	const use = platform.scanner?.();
	if (use === undefined) return undefined;
	const anchor = membership?.anchor ?? new Uint8Array(8);
	return new Uses({ cell: (index) => use.cell(index), crypto, deviceKey, anchor });
}

export class Scanner implements ScannerEvents, SchemeEvents {
	/** For the installer who tries it: a text came. */
	onShown: ((length: number) => void) | undefined;
	/** How it is, in words; a scanner that only sends lines cannot be asked. */
	detail = "not set up yet";
	private readonly access: Access;
	private readonly health: Health;
	private readonly codes: Codes;
	private readonly driver: GM861 | LineScanner;

	constructor(device: Device, store: ConfigStore, { serial }: ScannerUse, { model, baud }: ScannerConfig) {
		const { clock, crypto, wall } = device.platform;
		this.access = device.door!.access;
		this.health = device.health!;
		const { door } = store.membership!;
		this.codes = new Codes({
			...{ clock, wall, crypto, door, site: store, events: this },
			uses: usesOf(device, store)!,
		});
		if (model === "gm861") this.driver = new GM861(clock, serial, baud, this);
		else {
			this.driver = new LineScanner(serial, baud, this);
			this.detail = "it sends lines, and cannot be asked";
		}
	}

	onText(text: Uint8Array, length: number): void {
		this.onShown?.(length);
		if (!this.codes.show(text, length)) this.driver.check();
	}

	onState(works: boolean, detail: string): void {
		this.detail = detail;
		this.health.report("scanner", works, detail);
	}

	onIdentity(identity: Identity): Decision {
		return this.access.decide("qr", identity);
	}

	onRefused(reason: Reason, detail: string): void {
		this.access.refused("qr", reason, detail);
	}
}
