// SPDX-License-Identifier: Apache-2.0

/**
 * A GATT client on a simulated link: one request at a time, as ATT has it (Core 5.4, Vol 3 Part F 3.3.2), commands as
 * they come. Two connection events go by for each request and its response.
 */
import { equal } from "../../protocol/bytes.js";
import { PDU, TYPE, uuidBytes } from "./att.js";
import type { SimLink } from "./link.js";

/** What a phone found of a service: handles of values by characteristic, and of their CCCDs. */
export interface Discovered {
	readonly values: ReadonlyMap<string, number>;
	readonly cccds: ReadonlyMap<string, number>;
}

type Answered = (response: Uint8Array) => void;

export class GattClient {
	readonly #link: SimLink;
	readonly #waiting: { pdu: Uint8Array; answered: Answered }[] = [];
	#asked: Answered | undefined;
	/** Codes of the error responses so far. */
	readonly errors: number[] = [];
	/** Requests so far. */
	requests = 0;
	onNotification: ((value: Uint8Array, handle: number) => void) | undefined;

	constructor(link: SimLink) {
		this.#link = link;
	}

	/** A PDU came from the reader. */
	received(pdu: Uint8Array): void {
		if (pdu[0] === PDU.notification) {
			this.onNotification?.(pdu.slice(3), pdu[1]! | (pdu[2]! << 8));
			return;
		}
		if (pdu[0] === PDU.error) this.errors.push(pdu[4]!);
		const answered = this.#asked;
		this.#asked = undefined;
		answered?.(pdu);
		this.#next();
	}

	request(pdu: ArrayLike<number>, answered: Answered = () => undefined): void {
		this.#waiting.push({ pdu: Uint8Array.from(pdu), answered });
		this.#next();
	}

	/** Goes out without an answer, and before requests that wait. */
	command(pdu: ArrayLike<number>): void {
		this.#link.toReader(Uint8Array.from(pdu));
	}

	exchangeMtu(mtu: number, done: (mtu: number) => void = () => undefined): void {
		this.request([PDU.mtuRequest, ...little(mtu)], (response) => {
			const theirs = response[0] === PDU.mtuResponse ? response[1]! | (response[2]! << 8) : 23;
			done(Math.max(23, Math.min(mtu, theirs)));
		});
	}

	write(handle: number, value: Uint8Array, answered?: Answered): void {
		this.request([PDU.write, ...little(handle), ...value], answered);
	}

	writeWithoutResponse(handle: number, value: Uint8Array): void {
		this.command([PDU.writeCommand, ...little(handle), ...value]);
	}

	subscribe(cccd: number, done?: Answered): void {
		this.write(cccd, Uint8Array.of(1, 0), done);
	}

	unsubscribe(cccd: number): void {
		this.write(cccd, Uint8Array.of(0, 0));
	}

	/** All of one service (Part G 4.4.2, 4.6.1, 4.7.1): the service by its UUID, its characteristics, their descriptors. */
	discover(service: string, done: (found: Discovered) => void): void {
		const wanted = uuidBytes(service);
		const range = (from: number): number[] => [...little(from), 0xff, 0xff];
		this.request([PDU.findByTypeValue, ...range(1), ...TYPE.primaryService, ...wanted], (response) => {
			if (response[0] !== PDU.findByTypeValue + 1) {
				done({ values: new Map(), cccds: new Map() });
				return;
			}
			const [start, end] = [response[1]! | (response[2]! << 8), response[3]! | (response[4]! << 8)];
			const finish = (): void => this.#characteristics(start, end, [], done);
			// More services of the same kind? A client asks until it is told that there is none.
			if (end === 0xffff) finish();
			else this.request([PDU.findByTypeValue, ...range(end + 1), ...TYPE.primaryService, ...wanted], finish);
		});
	}

	#characteristics(
		from: number,
		end: number,
		found: { uuid: Uint8Array; value: number; declaration: number }[],
		done: (found: Discovered) => void,
	): void {
		const pdu = [PDU.readByType, ...little(from), ...little(end), ...TYPE.characteristic];
		this.request(pdu, (response) => {
			const size = response[1]!;
			const more = response[0] === PDU.readByType + 1;
			for (let at = 2; more && at + size <= response.length; at += size)
				found.push({
					declaration: response[at]! | (response[at + 1]! << 8),
					value: response[at + 3]! | (response[at + 4]! << 8),
					uuid: response.slice(at + 5, at + size),
				});
			const last = found.at(-1)?.value ?? end;
			if (more && last < end) this.#characteristics(last + 1, end, found, done);
			else this.#descriptors(found, 0, end, new Map(), done);
		});
	}

	/** A characteristic has descriptors where handles are left between its value and the next declaration. */
	#descriptors(
		found: { uuid: Uint8Array; value: number; declaration: number }[],
		n: number,
		end: number,
		cccds: Map<string, number>,
		done: (found: Discovered) => void,
	): void {
		const characteristic = found[n];
		if (characteristic === undefined) {
			done({ values: new Map(found.map(({ uuid, value }) => [uuidText(uuid), value])), cccds });
			return;
		}
		const first = characteristic.value + 1;
		const last = (found[n + 1]?.declaration ?? end + 1) - 1;
		if (first > last) {
			this.#descriptors(found, n + 1, end, cccds, done);
			return;
		}
		this.request([PDU.findInformation, ...little(first), ...little(last)], (response) => {
			const size = response[1] === 1 ? 4 : 18;
			for (let at = 2; response[0] === PDU.findInformation + 1 && at + size <= response.length; at += size)
				if (equal(response.slice(at + 2, at + size), TYPE.cccd))
					cccds.set(uuidText(characteristic.uuid), response[at]! | (response[at + 1]! << 8));
			this.#descriptors(found, n + 1, end, cccds, done);
		});
	}

	#next(): void {
		if (this.#asked !== undefined) return;
		const next = this.#waiting.shift();
		if (next === undefined) return;
		this.#asked = next.answered;
		this.requests++;
		this.#link.toReader(next.pdu);
	}
}

/** As services are written: lower case, with hyphens where it is a long one. */
function uuidText(bytes: Uint8Array): string {
	const digits = [...bytes].reverse().map((byte) => byte.toString(16).padStart(2, "0"));
	const text = digits.join("");
	if (text.length === 4) return text;
	return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join(
		"-",
	);
}

function little(value: number): [number, number] {
	return [value & 255, value >> 8];
}
