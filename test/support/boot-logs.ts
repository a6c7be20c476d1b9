// SPDX-License-Identifier: Apache-2.0

/** What chips say on their first serial port before any firmware, and what is heard of it at another rate. */
import { utf8Encode } from "../../protocol/bytes.js";

function lines(...text: readonly string[]): Uint8Array {
	return utf8Encode(text.map((line) => `${line}\r\n`).join(""));
}

/** In the form of Espressif's documentation ("Boot Mode Selection", "Fatal Errors"), of the ROM, its loader and a panic. */
export const BOOT_LOGS: Readonly<Record<string, Uint8Array>> = {
	"ESP32, power-on": lines(
		"ets Jul 29 2019 12:21:46",
		"",
		"rst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)",
		"configsip: 0, SPIWP:0xee",
		"clk_drv:0x00,q_drv:0x00,d_drv:0x00,cs0_drv:0x00,hd_drv:0x00,wp_drv:0x00",
		"mode:DIO, clock div:2",
		"load:0x3fff0030,len:6184",
		"load:0x40078000,len:15500",
		"load:0x40080400,len:3876",
		"entry 0x40080650",
		"I (31) boot: ESP-IDF v6.0 2nd stage bootloader",
		"I (31) boot: Multicore bootloader",
		"I (38) boot.esp32: SPI Speed      : 40MHz",
		"I (43) boot: Partition Table:",
		"I (57) boot:  0 nvs              WiFi data        01 02 00009000 00006000",
		"I (98) esp_image: segment 0: paddr=00010020 vaddr=3f400020 size=1a3c4h (107460) map",
	),
	"ESP32, a panic and the start after it": lines(
		"Guru Meditation Error: Core  0 panic'ed (LoadProhibited). Exception was unhandled.",
		"Core  0 register dump:",
		"PC      : 0x400d2f4b  PS      : 0x00060030  A0      : 0x800d30c8  A1      : 0x3ffb5c70",
		"Backtrace: 0x400d2f48:0x3ffb5c70 0x400d30c5:0x3ffb5c90 |<-CORRUPTED",
		"ELF file SHA256: 7f1c3a0e2",
		"Rebooting...",
		"ets Jul 29 2019 12:21:46",
		"",
		"rst:0xc (SW_CPU_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)",
		"configsip: 0, SPIWP:0xee",
	),
	"ESP32, watchdog": lines(
		"ets Jun  8 2016 00:22:57",
		"",
		"rst:0x8 (TG1WDT_SYS_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)",
		"flash read err, 1000",
		"ets_main.c 371 ",
	),
	"ESP32-S3": lines(
		"ESP-ROM:esp32s3-20210327",
		"Build:Mar 27 2021",
		"rst:0x1 (POWERON),boot:0x8 (SPI_FAST_FLASH_BOOT)",
		"SPIWP:0xee",
		"mode:DIO, clock div:1",
		"load:0x3fce2820,len:0x158c",
		"load:0x403c8700,len:0xd24",
		"load:0x403cb700,len:0x2f34",
		"entry 0x403c8924",
		"I (24) boot: ESP-IDF v6.0 2nd stage bootloader",
		"I (118) octal_psram: vendor id    : 0x0d (AP)",
		"I (127) esp_psram: Found 8MB PSRAM device",
	),
	"ESP32-C3": lines(
		"ESP-ROM:esp32c3-api1-20210207",
		"Build:Feb  7 2021",
		"rst:0x15 (USB_UART_CHIP_RESET),boot:0xd (SPI_FAST_FLASH_BOOT)",
		"Saved PC:0x40048b82",
		"SPIWP:0xee",
		"mode:DIO, clock div:1",
		"load:0x3fcd5820,len:0x1574",
		"load:0x403cc710,len:0xc30",
		"load:0x403ce710,len:0x2f64",
		"entry 0x403cc71a",
		"I (30) boot: chip revision: v0.4",
	),
};

/** Rates that ROMs and their loaders use; 74,880 is 115,200 of a ROM that takes a 26 MHz crystal for one of 40 MHz. */
export const RATES: readonly number[] = [9600, 57_600, 74_880, 115_200, 230_400, 460_800, 921_600];

/**
 * What a UART at `to` baud hears of `bytes` that are sent back to back at `from` baud, 8N1. It samples each bit in its
 * middle and gives what it has also where the stop bit is wrong.
 */
export function heardAt(bytes: Uint8Array, from: number, to: number): Uint8Array {
	const bits: number[] = [];
	for (const byte of bytes) {
		bits.push(0);
		for (let bit = 0; bit < 8; bit++) bits.push((byte >> bit) & 1);
		bits.push(1);
	}
	const ratio = from / to;
	/** The line's level at a time in bits of the receiver. */
	const level = (at: number): number => bits[Math.floor(at * ratio)] ?? 1;
	const end = bits.length / ratio;
	const heard: number[] = [];
	// A sixteenth of a bit, as UARTs look for the falling edge.
	for (let at = 0; at < end; at += 1 / 16) {
		if (level(at) === 1 || level(at + 0.5) === 1) continue;
		let byte = 0;
		for (let bit = 0; bit < 8; bit++) byte |= level(at + 1.5 + bit) << bit;
		heard.push(byte);
		at += 9.5;
	}
	return Uint8Array.from(heard);
}
