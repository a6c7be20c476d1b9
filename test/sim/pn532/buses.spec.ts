// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import type { Digital, I2C, SPI } from "../../../hal/contracts/io.js";
import { fromHex, toHex } from "../../../protocol/bytes.js";
import { PN532I2CBoard, PN532SPIBoard } from "../../../sim/pn532/board.js";
import { frame } from "../../../sim/pn532/frames.js";
import { SeededRandom } from "../../../sim/random.js";
import { VirtualTime } from "../../../sim/time.js";
import { ACK_HEX } from "./host.js";

const VERSION = "0000ff06fad50332010607e800";

function reversed(bytes: Uint8Array): Uint8Array {
	return bytes.map((byte) =>
		Number.parseInt(byte.toString(2).padStart(8, "0").split("").reverse().join(""), 2),
	);
}

class SPIHost {
	readonly time = new VirtualTime();
	readonly board = new PN532SPIBoard(this.time, new SeededRandom(1));
	readonly irq: Digital;
	interrupts = 0;
	spi: SPI;

	constructor(hz = 1_000_000, mode = 0) {
		this.spi = new this.board.SPI({ hz, mode });
		this.irq = new this.board.Interrupt({
			mode: "input",
			edge: "falling",
			onReadable: () => {
				this.interrupts++;
			},
		});
		this.time.run(5);
	}

	wake(): void {
		this.spi.write(Uint8Array.of(0));
		this.time.run(2);
		this.spi.flush(true);
		this.time.run(2);
	}

	write(hex: string): void {
		this.spi.write(reversed(Uint8Array.of(1, ...fromHex(hex))));
		this.spi.flush(true);
	}

	status(): number {
		const buffer = reversed(Uint8Array.of(2, 0));
		this.spi.transfer(buffer);
		this.spi.flush(true);
		return reversed(buffer)[1]!;
	}

	read(length: number): string {
		const buffer = new Uint8Array(length);
		this.spi.write(reversed(Uint8Array.of(3)));
		this.spi.read(buffer);
		this.spi.flush(true);
		return toHex(reversed(buffer));
	}

	untilReady(): boolean {
		return this.time.runUntil(() => {
			this.time.after(200, () => {});
			return this.status() === 1;
		}, 100);
	}

	command(hex: string): string {
		this.write(toHex(frame(fromHex(`d4${hex}`))));
		this.untilReady();
		const ack = this.read(6);
		this.untilReady();
		return ack === ACK_HEX ? this.read(13) : ack;
	}
}

describe("simulated PN532: SPI", () => {
	it("wakes by chip select, says when it is ready, gives ACK and reply, low bit first", () => {
		const host = new SPIHost();
		host.write("0000ff02fed4022a00");
		host.time.run(20);
		assert.equal(host.status(), 0, "the first bytes only woke it");
		host.wake();
		assert.equal(host.command("02"), VERSION);
	});

	it("says the same by its interrupt line and its status, however long the host has computed meanwhile", () => {
		const host = new SPIHost();
		host.wake();
		const told: string[] = [];
		host.write("0000ff02fed4022a00");
		// It has heard the command, and answers soon.
		host.time.run(0.1);
		host.time.after(16_000, () => told.push(`line ${host.irq.read()}, status ${host.status()}`));
		host.time.spend(18_000);
		host.time.run(1);
		assert.deepEqual(told, ["line 0, status 1"]);
		assert.equal(host.interrupts, 1);
	});

	it("holds the reply back until the ACK is read, and IRQ low while something waits", () => {
		const host = new SPIHost();
		host.wake();
		host.write("0000ff02fed4022a00");
		host.time.run(20);
		assert.equal(host.irq.read(), 0);
		assert.equal(host.interrupts, 1);
		assert.equal(host.read(6), ACK_HEX);
		host.time.run(1);
		assert.equal(host.irq.read(), 0);
		assert.equal(host.interrupts, 2);
		assert.equal(host.read(13), VERSION);
		assert.equal(host.irq.read(), 1);
		assert.equal(host.status(), 0);
	});

	it("a piece of a frame is all there is, and NACK brings it again", () => {
		const host = new SPIHost();
		host.wake();
		host.command("1401");
		host.write("0000ff02fed4022a00");
		host.untilReady();
		host.read(6);
		host.untilReady();
		assert.equal(host.read(5), "0000ff06fa");
		assert.equal(host.status(), 0);
		host.write("0000ffff0000");
		assert.isTrue(host.untilReady());
		assert.equal(host.read(13), VERSION);
	});

	it("understands neither a clock above 5 MHz nor another mode", () => {
		for (const host of [new SPIHost(8_000_000), new SPIHost(1_000_000, 3)]) {
			host.wake();
			assert.notEqual(host.command("02"), VERSION);
		}
	});

	it("takes bus time into account", () => {
		const slow = new SPIHost(100_000);
		slow.wake();
		const begun = slow.time.micros;
		slow.write("0000ff02fed4022a00");
		assert.equal(slow.time.micros - begun, 800, "ten bytes take 0.8 ms, in which the host waits");
		slow.time.run(0.1);
		assert.equal(slow.status(), 0, "and two more to ask for the status");
		assert.equal(slow.time.micros - begun, 800 + 100 + 160);
		slow.time.run(0.2);
		assert.equal(slow.status(), 1);
	});

	it("faults: garbage, bit order, a stale reply, IRQ that never moves", () => {
		const host = new SPIHost();
		host.wake();
		host.board.faults.spiGarbage = 6;
		assert.equal(host.command("02"), "003fdfffe9af");
		assert.equal(host.command("02"), VERSION);
		host.board.faults.spiReversed = true;
		assert.notEqual(host.command("02"), VERSION);
		host.board.faults.clear();
		host.board.faults.keepStaleReply = true;
		host.board.chip.leaveReply(0x4b, Uint8Array.of(0));
		host.time.run(1);
		assert.equal(host.command("02").slice(0, 12), "0000ff03fdd5", "six bytes of the old reply for an ACK");
		host.write(ACK_HEX);
		host.board.faults.irqStuck = true;
		host.write("0000ff02fed4022a00");
		host.time.run(20);
		assert.equal(host.irq.read(), 1);
		assert.equal(host.status(), 1);
	});

	it("wakes no more from PowerDown when SPI was not named", () => {
		const host = new SPIHost();
		host.wake();
		host.command("1610");
		host.wake();
		assert.equal(host.status(), 0);
		assert.isTrue(host.board.chip.asleep);
	});
});

class I2CHost {
	readonly time = new VirtualTime();
	readonly board = new PN532I2CBoard(this.time, new SeededRandom(1));
	i2c: I2C;

	constructor(timeout?: number) {
		this.i2c = new this.board.I2C({ hz: 400_000, address: 0x24, ...(timeout ? { timeout } : {}) });
		this.time.run(5);
	}

	wake(): void {
		assert.throws(() => this.i2c.write(Uint8Array.of(0)), /not acknowledged/);
		this.time.run(2);
	}

	read(length: number): string {
		const buffer = new Uint8Array(length);
		this.i2c.read(buffer);
		return toHex(buffer);
	}

	command(hex: string, length = 14): string {
		this.i2c.write(frame(fromHex(`d4${hex}`)));
		this.time.run(5);
		const ack = this.read(7);
		if (ack !== `01${ACK_HEX}`) return ack;
		this.time.run(5);
		return this.read(length);
	}
}

describe("simulated PN532: I2C", () => {
	it("does not acknowledge while it sleeps; then ready byte, ACK, reply", () => {
		const host = new I2CHost(2);
		host.wake();
		assert.equal(host.read(3).slice(0, 2), "00");
		assert.equal(host.command("02"), `01${VERSION}`);
		assert.equal(host.read(3).slice(0, 2), "00");
	});

	it("holds the clock for longer than a bus waits that was not told to", () => {
		const host = new I2CHost();
		host.wake();
		assert.throws(() => host.read(3), /clock held low/);
	});

	it("a short read, NACK, and the whole frame again", () => {
		const host = new I2CHost(2);
		host.wake();
		assert.equal(host.command("02", 6), "010000ff06fa");
		host.i2c.write(fromHex("0000ffff0000"));
		host.time.run(5);
		assert.equal(host.read(14), `01${VERSION}`);
	});

	it("reading on gives what is left in the buffer, or the tail that was asked for", () => {
		const host = new I2CHost(2);
		host.wake();
		host.command("02");
		host.i2c.write(frame(fromHex("d41401")));
		host.time.run(5);
		const ack = host.read(14);
		assert.equal(ack.slice(0, 14), `01${ACK_HEX}`);
		assert.equal(ack.slice(14), VERSION.slice(12), "the end of the reply before it");
		host.time.run(5);
		host.board.faults.tail = Uint8Array.of(0xaa);
		assert.equal(host.read(13), "010000ff02fed51516 00aaaaaa".replace(" ", ""));
	});

	it("SCL held low stays so until a reset; on other boards until the power is switched", () => {
		for (const cure of ["reset", "power"] as const) {
			const host = new I2CHost(50);
			host.wake();
			host.board.faults.sclStuck = true;
			host.board.faults.cure = cure;
			assert.throws(() => host.read(3), /clock held low/);
			host.board.resetLine.driveFromHost(0);
			host.board.resetLine.driveFromHost(1);
			host.time.run(5);
			if (cure === "power") {
				assert.throws(() => host.read(3), /clock held low/);
				host.board.powerLine.driveFromHost(0);
				host.board.powerLine.driveFromHost(1);
				host.time.run(5);
			}
			host.wake();
			assert.equal(host.command("02"), `01${VERSION}`);
		}
	});
});
