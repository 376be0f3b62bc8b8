import { crc32 } from 'node:zlib';

/** A zip archive of one uncompressed file: what Lambda wants, too small a thing for a library. */
export function zipOf(name: string, content: string): Uint8Array {
  const [file, data] = [Buffer.from(name), Buffer.from(content)];
  const shared = Buffer.alloc(26);
  shared.writeUInt16LE(20, 0);
  shared.writeUInt32LE(crc32(data), 10);
  shared.writeUInt32LE(data.length, 14);
  shared.writeUInt32LE(data.length, 18);
  shared.writeUInt16LE(file.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), shared, file, data]);
  const attributes = Buffer.alloc(14);
  attributes.writeUInt32LE((0o100644 << 16) >>> 0, 6);
  const madeBy = Buffer.from([20, 3]);
  const entry = Buffer.concat([Buffer.from('PK\x01\x02', 'latin1'), madeBy, shared, attributes, file]);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(entry.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, entry, end]);
}
