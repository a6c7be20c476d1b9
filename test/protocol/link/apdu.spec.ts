// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import fc from "fast-check";
import { fromHex, toHex } from "../../../protocol/bytes.js";
import { encodeCommand, MAX_COMMAND } from "../../../protocol/link/apdu.js";
import { decodeCommand } from "../../../protocol/link/command.js";

const byte = fc.nat(255);

describe("link: short APDUs (ISO 7816-4 5.1)", () => {
	it("encodes the four cases", () => {
		const into = new Uint8Array(MAX_COMMAND);
		const data = fromHex("aabb");
		assert.equal(toHex(encodeCommand(into, 0, 0xb0, 1, 2, undefined, undefined)), "00b00102");
		assert.equal(toHex(encodeCommand(into, 0, 0xb0, 1, 2, undefined, 0)), "00b0010200");
		assert.equal(toHex(encodeCommand(into, 0x80, 0xe8, 4, 0, data, undefined)), "80e8040002aabb");
		assert.equal(toHex(encodeCommand(into, 0x80, 0xe8, 2, 0, data, 0)), "80e8020002aabb00");
	});

	it("decodes what it encodes", () => {
		fc.assert(
			fc.property(
				byte,
				byte,
				byte,
				byte,
				fc.uint8Array({ maxLength: 255 }),
				fc.option(byte, { nil: undefined }),
				(cla, ins, p1, p2, data, le) => {
					const command = decodeCommand(
						encodeCommand(new Uint8Array(MAX_COMMAND), cla, ins, p1, p2, data, le),
					)!;
					assert.deepEqual([command.cla, command.ins, command.p1, command.p2], [cla, ins, p1, p2]);
					assert.equal(toHex(command.data), toHex(data));
					assert.equal(command.le, le === undefined ? 0 : le || 256);
				},
			),
		);
	});

	it("refuses lengths that do not add up, and extended ones", () => {
		for (const bad of ["", "00", "00a404", "80e802000000ff", "80e80200030102", "80e80200010203ff"])
			assert.isUndefined(decodeCommand(fromHex(bad)), bad);
	});

	it("random bytes never throw", () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
				decodeCommand(bytes);
			}),
		);
	});
});
