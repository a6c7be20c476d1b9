// SPDX-License-Identifier: Apache-2.0

import { toHex } from "../../protocol/bytes.js";
import type { Crypto } from "../../protocol/crypto.js";
import type { PhoneKind } from "../../sim/people.js";
import { World, type WorldOptions } from "../../sim/world.js";

export const PHONES: readonly PhoneKind[] = ["valid", "revoked", "expired", "stranger", "foreign"];

/** All that a run leaves behind: each byte on the PN532's bus with its moment, the APDUs, the relay, the flash. */
export interface Trail {
	readonly bus: readonly string[];
	readonly apdus: readonly string[];
	readonly relay: readonly string[];
	readonly log: string;
	readonly decisions: readonly string[];
}

export interface VisitOptions {
	readonly crypto: Crypto;
	readonly suite: number;
	readonly phone: PhoneKind;
	readonly seed: number;
	/** When the power goes, ms after the phone came. */
	readonly cut: number;
	readonly start?: WorldOptions["start"];
}

/** A phone at the reader, the power cut meanwhile, and the phone again when it is back. */
export function cutVisit(options: VisitOptions): Trail {
	const { phone, crypto, seed, suite, start } = options;
	const world = new World({ crypto, seed, suite, ...(start ? { start } : {}) });
	const bus: string[] = [];
	const relay: string[] = [];
	world.board.trace.onEntry = ({ from, at, bytes, note }) =>
		bus.push(`${at} ${from} ${toHex(bytes)} ${note ?? ""}`);
	world.door.relay.watch(() => relay.push(`${world.time.micros} ${world.door.relay.on}`));
	world.plan.install();
	world.powerOn();
	world.settle();
	const visit = (ms: number): void => {
		const card = world.phones.nfc(phone);
		world.board.field.present(card);
		world.time.run(ms);
		world.board.field.remove(card);
	};
	visit(options.cut);
	world.powerOff();
	world.time.run(40);
	world.powerOn();
	world.settle();
	visit(2500);
	world.time.run(500);
	return {
		bus,
		apdus: world.phones.exchanges.map(({ command, response }) => `${toHex(command)} ${toHex(response)}`),
		relay,
		log: toHex(crypto.sha256(world.flash.log.bytes)),
		decisions: world.auditor.decisions().map(({ reason }) => reason),
	};
}
