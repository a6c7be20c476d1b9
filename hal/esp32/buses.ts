/**
 * The SDK's serial classes, used as they are. Its typings want each pin by name, which the contract leaves to the
 * platform, and leave out SPI's `close`; all else is checked here.
 */
import SDKSerial from "embedded:io/serial";
import SDKSPI from "embedded:io/spi";
import type { IOClass, SerialClass, SPI, SPIClass } from "../contracts/io.js";

const spi: IOClass<never, Omit<SPI, "close">> = SDKSPI;
const serial: IOClass<never, InstanceType<SerialClass>> = SDKSerial;

export const Esp32SPI = spi as unknown as SPIClass;
export const Esp32Serial = serial as unknown as SerialClass;
