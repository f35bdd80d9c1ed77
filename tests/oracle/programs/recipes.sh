# SPDX-License-Identifier: MIT
# recipes.sh: how each source package of Debian becomes static programs; sourced by build.sh in the unpacked tree.
# $CC is the compiler around musl, $host_triplet what configure is told, and `take` copies what was made.
# Options follow debian/rules where they decide how a program asks for memory.

autotools() {
	for old in $(find . -name config.sub -o -name config.guess); do
		cp -f "/usr/share/misc/$(basename "$old")" "$old"
	done
	FORCE_UNSAFE_CONFIGURE=1 ./configure --host=$host_triplet --disable-nls --disable-dependency-tracking \
		CC="$CC" CFLAGS="$CFLAGS" ACLOCAL=: AUTOMAKE=: AUTOCONF=: AUTOHEADER=: MAKEINFO=: "$@"
}

build_bash() { autotools --without-bash-malloc --disable-rpath LDFLAGS=-Wl,-z,muldefs && make -j2 && take bash; }
build_busybox() {
	cp debian/config/pkg/deb .config
	sed -i -e 's/^CONFIG_STATIC=y/# CONFIG_STATIC is not set/' -e 's/^CONFIG_PIE=y/# CONFIG_PIE is not set/' \
		-e '/CONFIG_SELINUX/d' -e 's/^CONFIG_FEATURE_VI_REGEX_SEARCH=y//' -e 's/^CONFIG_EXTRA_COMPAT=y//' .config
	yes '' | make ARCH=riscv CROSS_COMPILE=riscv64-linux-gnu- CC="$CC" oldconfig > oldconfig.log
	make -j2 ARCH=riscv CROSS_COMPILE=riscv64-linux-gnu- CC="$CC -w" SKIP_STRIP=y busybox && take busybox
}
build_bzip2() {
	$CC $CFLAGS -D_FILE_OFFSET_BITS=64 -o bzip2 bzip2.c blocksort.c huffman.c crctable.c randtable.c compress.c \
		decompress.c bzlib.c && take bzip2
}
build_coreutils() {
	autotools gl_cv_func_working_mktime=yes && { make -j2 -k || :; } # all but its shared library, which a static libc cannot make
	[ ! -f src/ginstall ] || mv src/ginstall src/install
	(cd src && take $(find . -maxdepth 1 -type f -perm /100 ! -name '*.*' ! -name dcgen -printf '%f\n'))
}
build_cpio() { autotools && make -j2 && take src/cpio; }
build_dash() { autoreconf -fi && autotools && make -j2 && take src/dash; }
build_diffutils() { autotools && make -j2 && take src/diff src/cmp src/sdiff src/diff3; }
build_duktape() { make -f Makefile.cmdline CC="$CC" && take duk; }
build_ed() { ./configure CC="$CC" CFLAGS="$CFLAGS" && make && take ed; }
build_flex() { autotools ac_cv_func_malloc_0_nonnull=yes ac_cv_func_realloc_0_nonnull=yes HELP2MAN=: && make -C src -j2 flex && take src/flex; }
build_file() { autotools --disable-libseccomp --disable-zlib --disable-bzlib --disable-xzlib --disable-shared &&
	make -C src -j2 magic.h && make -C src -j2 && take src/file; }
build_findutils() { autotools && make -j2 && take find/find xargs/xargs; }
build_gawk() { autotools --disable-mpfr --without-readline --disable-extensions LDFLAGS=-Wl,-z,muldefs &&
	make -j2 -C support && make -j2 gawk && take gawk; }
build_git() {
	make -j2 CC="$CC" CFLAGS="$CFLAGS" NO_OPENSSL=1 NO_CURL=1 NO_EXPAT=1 NO_GETTEXT=1 \
		NO_TCLTK=1 NO_PERL=1 NO_PYTHON=1 NO_REGEX=NeedsStartEnd NO_ICONV=1 NO_PCRE=1 uname_M=riscv64 \
		prefix=/usr gitexecdir=/bin ZLIB_PATH="$made/zlib" git && take git
}
build_grep() { autotools --disable-perl-regexp && make -j2 && take src/grep; }
build_gzip() { autotools && make -j2 && take gzip; }
build_jimtcl() { CC="$CC" CFLAGS="$CFLAGS" ./configure --host=$host_triplet --disable-docs --without-ext=openssl &&
	make -j2 jimsh && take jimsh; }
build_lmdb() { make -C libraries/liblmdb CC="$CC" AR=riscv64-linux-gnu-ar mdb_stat mdb_copy mdb_dump mdb_load &&
	take libraries/liblmdb/mdb_stat libraries/liblmdb/mdb_copy libraries/liblmdb/mdb_dump libraries/liblmdb/mdb_load; }
build_lua5_4() {
	rm -f src/luac.c src/onelua.c
	echo '#define DEB_HOST_MULTIARCH "riscv64-linux-gnu"' > src/lua5.4-deb-multiarch.h
	$CC $CFLAGS -DLUA_USE_POSIX -DLUA_COMPAT_5_3 -o lua5.4 src/*.c -lm && take lua5.4
}
build_lz4() { $CC $CFLAGS -DXXH_NAMESPACE=LZ4_ -Ilib -o lz4 programs/*.c lib/*.c && take lz4; }
build_m4() { autotools && make -j2 && take src/m4; }
build_make_dfsg() { AUTOPOINT=true autoreconf -fi && autotools --without-guile && make -C lib && make -j2 make && take make; }
build_mawk() { autotools --with-builtin-srand && make && take mawk; }
build_ncompress() { make CC="$CC" && take compress; }
build_original_awk() { make CC="$CC $CFLAGS" HOSTCC=gcc YACC="bison -y -d -b awkgram" && cp a.out original-awk && take original-awk; }
build_patch() { autotools && make -j2 && take src/patch; }
build_sed() { autotools --disable-acl && make -j2 sed/sed && take sed/sed; }
build_sqlite3() {
	./configure --disable-tcl --disable-readline && make sqlite3.c shell.c &&
		$CC $CFLAGS -DSQLITE_THREADSAFE=1 -DSQLITE_SECURE_DELETE -DSQLITE_ENABLE_COLUMN_METADATA -DSQLITE_ENABLE_FTS3 \
			-DSQLITE_ENABLE_FTS5 -DSQLITE_ENABLE_RTREE=1 -DSQLITE_SOUNDEX=1 -DSQLITE_ENABLE_UNLOCK_NOTIFY \
			-DSQLITE_ENABLE_DBSTAT_VTAB -DSQLITE_ENABLE_UPDATE_DELETE_LIMIT=1 -DSQLITE_ENABLE_LOAD_EXTENSION \
			-DSQLITE_ENABLE_JSON1 -DSQLITE_LIKE_DOESNT_MATCH_BLOBS -DSQLITE_HAVE_ISNAN \
			-DSQLITE_ENABLE_FTS3_PARENTHESIS -DSQLITE_ENABLE_FTS3_TOKENIZER=1 -DSQLITE_MAX_SCHEMA_RETRY=25 \
			-DSQLITE_ENABLE_STMTVTAB -DSQLITE_MAX_VARIABLE_NUMBER=250000 \
			-o sqlite3 shell.c sqlite3.c -lm && take sqlite3
}
build_tar() { autotools --without-selinux --without-posix-acls --without-xattrs && make -j2 && take src/tar; }
build_tcl8_6() { cd unix && ./configure --host=$host_triplet --disable-shared --enable-threads CC="$CC" CFLAGS="$CFLAGS" \
	tcl_cv_strtod_unbroken=ok tcl_cv_strtoul_unbroken=ok tcl_cv_strstr_unbroken=ok && make -j2 tclsh && take tclsh; }
build_tinycdb() { make CC="$CC" cdb && take cdb; }
build_tree() { make CC="$CC" && take tree; }
build_xz_utils() { autotools --disable-shared --enable-threads && make -j2 && take src/xz/xz; }
build_zlib() { CHOST=riscv64-linux-gnu CC="$CC" ./configure --static && make libz.a && mkdir -p "$made/zlib/lib" "$made/zlib/include" &&
	cp libz.a "$made/zlib/lib" && cp zlib.h zconf.h "$made/zlib/include"; }
build_libzstd() { make -C programs -j2 CC="$CC" HAVE_ZLIB=0 HAVE_LZMA=0 HAVE_LZ4=0 zstd && take programs/zstd; }
