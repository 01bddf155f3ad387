import { crc32, deflateRawSync } from 'node:zlib';

/** A file of a hundred rows `0,x0`, `1,x1`, `2,x2`, `3,x0`, … below the names `a,b`, as the programs zstd 1.5 and bzip2 1.0.8 compress it. */
export const ZSTANDARD = Buffer.from(
  'KLUv/WRSAQ0JACZlRxGwNR2MAh5WoiYiQnYDM2XWAT4AQgBDAOxGTZ2oqws1u6qpY10d1ewOp87w6gpnRzh1g1cnOLvAqSteHTk74tSdqzOzK1NHrm7MTkxduLqaHaeODgYEHY3ZHTF1RlxdEbMjYuqGuDohZhfE1JW4OorZkZi6E67OhNmVMHUkXN0IsxNh6kK4ugqzY5g6Cld3anampq7U1ZE6G+XqRJldKFNX5epYZkdl6g65OkNmV8jUEXJ1g8xOkKkL5OqKzI5k6ohc3RmzM2Pqyrg6MmY3xtSJcXVhzK7G1HFcAVN3ztWZM7typo6cqxtnduJMXThXV2d2PFNH5+qOmZ0xU1fM1REzu2GmTpirC2Z2ZaaO5urIzO6UqTPl6kqZHSlTAwDq5Z2N',
  'base64',
);
export const BZIP2 = Buffer.from(
  'QlpoOTFBWSZTWaJJ+EYAAPZZgAAQAAR/4DAAAEAwARkENSP1KY/9UpU/VMUwAAJSp/+qqZMBN59tNQCACACACACACACACAHP3H1z7r37v/fcAHiAAtvWxsGwfgoHXPPI8cAHZyA6F/81JPu++/ffczM1JJbczMzM6mpmpJN73mZ3mZZqXi0DyaltbB+mpbQ7OZqW80DualtPwbmpbQeONaltBxxmX/LKz0XckU4UJCiSfhGA',
  'base64',
);

/**
 * Zips of those rows as `zipfile` of Python 3.11 writes them: with sizes of 64 bits in the local header alone; into a pipe,
 * so that sizes and checksum follow the data, of a file called `../rows.csv`; and with records of 64 bits throughout.
 */
export const ZIPS_OF_PYTHON = {
  forced: Buffer.from(
    'UEsDBC0AAAAIAAAAIQCXFMdm//////////8IABQAcm93cy5jc3YBABAArAIAAAAAAABIAQAAAAAAABXSyZXlAAhD0f2LxQszQzjdUTj80g9Al4Pg3/Of9/le7PkMfz4nni/I50vq+Yp+vmaeb9jnW+75DlPElPmFDFPMHFPQAlPUElPYClPcGhNgg4mwxYTY4VL8xaW4Zv+GOy7FA5fiiUvxwqV441J8cCm+uBQ/Qkq8hJQwQkpoh98SQUiJJKREEVKiCSkxhJRYQkocKSVfUkoaKSWdlJLq4ldGklKySCnZpJQcUkouKSWPklIvJaWMklJOSamgpJQ6/ZValJRqSkoNJaWWklJHS+mXltJGS2mnpXTQUjppKa3b/I7TtJQeWkovLaWPkTIvI2WMkTLOSJlgpEwyUqYYKaMb/448jJRZRsocK2VfVsoaK2WdlbLBStlkpWyxUrZZKatf+T3LslL2OCn3clLOOCnnnJQLTsolJ+WKk3LNSbnhpJx+7vd0xx9QSwECLQMtAAAACAAAACEAlxTHZkgBAACsAgAACAAAAAAAAAAAAAAAgAEAAAAAcm93cy5jc3ZQSwUGAAAAAAEAAQA2AAAAggEAAAAA',
    'base64',
  ),
  streamed: Buffer.from(
    'UEsDBC0ACAAIAAAAIQAAAAAA//////////8LABQALi4vcm93cy5jc3YBABAAAAAAAAAAAAAAAAAAAAAAABXSyZXlAAhD0f2LxQszQzjdUTj80g9Al4Pg3/Of9/le7PkMfz4nni/I50vq+Yp+vmaeb9jnW+75DlPElPmFDFPMHFPQAlPUElPYClPcGhNgg4mwxYTY4VL8xaW4Zv+GOy7FA5fiiUvxwqV441J8cCm+uBQ/Qkq8hJQwQkpoh98SQUiJJKREEVKiCSkxhJRYQkocKSVfUkoaKSWdlJLq4ldGklKySCnZpJQcUkouKSWPklIvJaWMklJOSamgpJQ6/ZValJRqSkoNJaWWklJHS+mXltJGS2mnpXTQUjppKa3b/I7TtJQeWkovLaWPkTIvI2WMkTLOSJlgpEwyUqYYKaMb/448jJRZRsocK2VfVsoaK2WdlbLBStlkpWyxUrZZKatf+T3LslL2OCn3clLOOCnnnJQLTsolJ+WKk3LNSbnhpJx+7vd0xx9QSwcIlxTHZkgBAAAAAAAArAIAAAAAAABQSwECLQMtAAgACAAAACEAlxTHZkgBAACsAgAACwAAAAAAAAAAAAAAgAEAAAAALi4vcm93cy5jc3ZQSwUGAAAAAAEAAQA5AAAAnQEAAAAA',
    'base64',
  ),
  large: Buffer.from(
    'UEsDBC0AAAAIAEoZgV2XFMdm//////////8IABQAcm93cy5jc3YBABAArAIAAAAAAABIAQAAAAAAABXSyZXlAAhD0f2LxQszQzjdUTj80g9Al4Pg3/Of9/le7PkMfz4nni/I50vq+Yp+vmaeb9jnW+75DlPElPmFDFPMHFPQAlPUElPYClPcGhNgg4mwxYTY4VL8xaW4Zv+GOy7FA5fiiUvxwqV441J8cCm+uBQ/Qkq8hJQwQkpoh98SQUiJJKREEVKiCSkxhJRYQkocKSVfUkoaKSWdlJLq4ldGklKySCnZpJQcUkouKSWPklIvJaWMklJOSamgpJQ6/ZValJRqSkoNJaWWklJHS+mXltJGS2mnpXTQUjppKa3b/I7TtJQeWkovLaWPkTIvI2WMkTLOSJlgpEwyUqYYKaMb/448jJRZRsocK2VfVsoaK2WdlbLBStlkpWyxUrZZKatf+T3LslL2OCn3clLOOCnnnJQLTsolJ+WKk3LNSbnhpJx+7vd0xx9QSwECLQMtAAAACABKGYFdlxTHZv//////////CAAUAAAAAAAAAAAAgAEAAAAAcm93cy5jc3YBABAArAIAAAAAAABIAQAAAAAAAFBLBgYsAAAAAAAAAC0ALQAAAAAAAAAAAAEAAAAAAAAAAQAAAAAAAABKAAAAAAAAAIIBAAAAAAAAUEsGBwAAAADMAQAAAAAAAAEAAABQSwUGAAAAAAEAAQBKAAAAggEAAAAA',
    'base64',
  ),
} as const;

/** A zip of files, as programs write it that do not know the sizes when they begin. */
export function zipOf(
  files: Readonly<Record<string, Buffer>>,
  { isDeflated = true, flags = 8 }: { readonly isDeflated?: boolean; readonly flags?: number } = {},
): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let place = 0;
  for (const [name, content] of Object.entries(files)) {
    const packed = isDeflated ? deflateRawSync(content) : content;
    const common = Buffer.alloc(10);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(flags, 2);
    common.writeUInt16LE(isDeflated ? 8 : 0, 4);
    const sizes = Buffer.alloc(12);
    sizes.writeUInt32LE(packed.length, 4);
    sizes.writeUInt32LE(content.length, 8);
    sizes.writeUInt32LE(crc32(content), 0);
    const lengths = Buffer.alloc(4);
    lengths.writeUInt16LE(name.length, 0);
    const local = Buffer.concat([
      Buffer.from('PK\x03\x04', 'latin1'),
      common,
      Buffer.alloc(12),
      lengths,
      Buffer.from(name),
    ]);
    const entry = Buffer.alloc(14);
    entry.writeUInt32LE(place, 10);
    directory.push(
      Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, sizes, lengths, entry, Buffer.from(name)]),
    );
    parts.push(local, packed);
    place += local.length + packed.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(place, 16);
  return Buffer.concat([...parts, list, end]);
}
