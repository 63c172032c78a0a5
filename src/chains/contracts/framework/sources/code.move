/// Packages: which modules an account has published together, under which promise, and how often it
/// has replaced them. The chain itself puts the bytecode in force, after this module has agreed and
/// in the same transaction: it verifies the modules, compares them with those they replace, and
/// holds them to the names and dependencies that the package declares.
module aptos_framework::code {
    use std::bcs;
    use std::error;
    use std::option::{Self, Option};
    use std::signer;
    use std::string::String;
    use std::vector;
    use aptos_std::bcs_stream::{Self, BCSStream};
    use aptos_framework::event;

    /// Another package of this account has a module of this name.
    const EMODULE_NAME_CLASH: u64 = 1;
    /// The package promised never to change.
    const EUPGRADE_IMMUTABLE: u64 = 2;
    /// A package may not promise less than it did before.
    const EUPGRADE_WEAKER_POLICY: u64 = 3;
    /// An upgrade must hold every module that the package held before.
    const EMODULE_MISSING: u64 = 4;
    /// A package may not depend on one that promises less than it does itself.
    const EDEP_WEAKER_POLICY: u64 = 5;
    /// A package named as a dependency is not there.
    const EPACKAGE_DEP_MISSING: u64 = 6;
    /// Only the policies compatible (1) and immutable (2) are supported.
    const EINCOMPATIBLE_POLICY_DISABLED: u64 = 8;
    /// The metadata describes another number of modules than were sent.
    const EMODULE_COUNT_MISMATCH: u64 = 9;

    const POLICY_COMPATIBLE: u8 = 1;
    const POLICY_IMMUTABLE: u8 = 2;

    /// Leading zero bytes of an address that only genesis publishes at.
    const GENESIS_ADDRESS_ZEROS: u64 = 31;

    struct PackageRegistry has key, store, drop {
        packages: vector<PackageMetadata>,
    }

    struct PackageMetadata has copy, drop, store {
        name: String,
        upgrade_policy: UpgradePolicy,
        /// How often the package was replaced; counted here, whatever the publisher says.
        upgrade_number: u64,
        source_digest: String,
        manifest: vector<u8>,
        modules: vector<ModuleMetadata>,
        deps: vector<PackageDep>,
        extension: Option<Extension>,
    }

    struct PackageDep has copy, drop, store {
        account: address,
        package_name: String,
    }

    struct ModuleMetadata has copy, drop, store {
        name: String,
        source: vector<u8>,
        source_map: vector<u8>,
        extension: Option<Extension>,
    }

    struct UpgradePolicy has copy, drop, store {
        /// 1: modules stay compatible with those they replace. 2: nothing changes any more.
        policy: u8,
    }

    /// What later versions of the format may add: kept, and never read.
    struct Extension has copy, drop, store {
        type_name: String,
        data: vector<u8>,
    }

    #[event]
    struct PublishPackage has drop, store {
        code_address: address,
        name: String,
        is_upgrade: bool,
    }

    /// Publishes the modules `code` as a package, or upgrades the package of that name.
    /// `metadata_serialized` is the BCS of a PackageMetadata. The bytecode is taken up by the chain
    /// when this function has returned.
    entry fun publish_package_txn(
        owner: &signer,
        metadata_serialized: vector<u8>,
        code: vector<vector<u8>>,
    ) acquires PackageRegistry {
        let package = read_package(metadata_serialized);
        assert!(
            vector::length(&package.modules) == vector::length(&code),
            error::invalid_argument(EMODULE_COUNT_MISMATCH)
        );
        let policy = package.upgrade_policy.policy;
        assert!(
            policy == POLICY_COMPATIBLE || policy == POLICY_IMMUTABLE,
            error::invalid_argument(EINCOMPATIBLE_POLICY_DISABLED)
        );
        let addr = signer::address_of(owner);
        check_dependencies(&package);
        if (!exists<PackageRegistry>(addr)) {
            move_to(owner, PackageRegistry { packages: vector::empty() })
        };
        let packages = &mut borrow_global_mut<PackageRegistry>(addr).packages;
        let replaced = register(packages, package);
        event::emit(PublishPackage {
            code_address: addr,
            name: package.name,
            is_upgrade: replaced,
        })
    }

    /// Puts the package in its place; tells whether there was one of that name.
    fun register(packages: &mut vector<PackageMetadata>, package: PackageMetadata): bool {
        let count = vector::length(packages);
        let place = count;
        let i = 0;
        while (i < count) {
            let other = vector::borrow(packages, i);
            if (other.name == package.name) {
                check_upgrade(other, &package);
                place = i
            } else {
                check_apart(other, &package)
            };
            i = i + 1
        };
        if (place < count) {
            package.upgrade_number = vector::borrow(packages, place).upgrade_number + 1;
            *vector::borrow_mut(packages, place) = package;
            true
        } else {
            package.upgrade_number = 0;
            vector::push_back(packages, package);
            false
        }
    }

    fun check_upgrade(old: &PackageMetadata, package: &PackageMetadata) {
        let old_policy = old.upgrade_policy.policy;
        assert!(
            old_policy != POLICY_IMMUTABLE,
            error::invalid_argument(EUPGRADE_IMMUTABLE)
        );
        assert!(
            old_policy <= package.upgrade_policy.policy,
            error::invalid_argument(EUPGRADE_WEAKER_POLICY)
        );
        let i = 0;
        while (i < vector::length(&old.modules)) {
            assert!(
                has_module(package, &vector::borrow(&old.modules, i).name),
                error::invalid_argument(EMODULE_MISSING)
            );
            i = i + 1
        }
    }

    fun check_apart(other: &PackageMetadata, package: &PackageMetadata) {
        let i = 0;
        while (i < vector::length(&other.modules)) {
            assert!(
                !has_module(package, &vector::borrow(&other.modules, i).name),
                error::already_exists(EMODULE_NAME_CLASH)
            );
            i = i + 1
        }
    }

    /// What genesis published needs no entry: it is there, and nobody can replace it.
    fun check_dependencies(package: &PackageMetadata) acquires PackageRegistry {
        let i = 0;
        while (i < vector::length(&package.deps)) {
            let dep = vector::borrow(&package.deps, i);
            if (!is_genesis_address(dep.account)) check_dependency(package, dep);
            i = i + 1
        }
    }

    fun check_dependency(
        package: &PackageMetadata,
        dep: &PackageDep,
    ) acquires PackageRegistry {
        assert!(
            exists<PackageRegistry>(dep.account),
            error::not_found(EPACKAGE_DEP_MISSING)
        );
        let packages = &borrow_global<PackageRegistry>(dep.account).packages;
        let i = 0;
        while (i < vector::length(packages)) {
            let other = vector::borrow(packages, i);
            if (other.name == dep.package_name) {
                assert!(
                    other.upgrade_policy.policy >= package.upgrade_policy.policy,
                    error::invalid_argument(EDEP_WEAKER_POLICY)
                );
                return
            };
            i = i + 1
        };
        abort error::not_found(EPACKAGE_DEP_MISSING)
    }

    fun is_genesis_address(addr: address): bool {
        let bytes = bcs::to_bytes(&addr);
        let i = 0;
        while (i < GENESIS_ADDRESS_ZEROS) {
            if (*vector::borrow(&bytes, i) != 0) return false;
            i = i + 1
        };
        true
    }

    fun has_module(package: &PackageMetadata, name: &String): bool {
        let i = 0;
        while (i < vector::length(&package.modules)) {
            if (&vector::borrow(&package.modules, i).name == name) return true;
            i = i + 1
        };
        false
    }

    fun read_package(bytes: vector<u8>): PackageMetadata {
        let stream = bcs_stream::new(bytes);
        let s = &mut stream;
        let name = bcs_stream::deserialize_string(s);
        let upgrade_policy = UpgradePolicy { policy: bcs_stream::deserialize_u8(s) };
        let upgrade_number = bcs_stream::deserialize_u64(s);
        let source_digest = bcs_stream::deserialize_string(s);
        let manifest = bcs_stream::deserialize_bytes(s);
        let modules = read_modules(s);
        let deps = read_dependencies(s);
        let extension = read_extension(s);
        bcs_stream::assert_finished(s);
        PackageMetadata {
            name,
            upgrade_policy,
            upgrade_number,
            source_digest,
            manifest,
            modules,
            deps,
            extension,
        }
    }

    fun read_modules(s: &mut BCSStream): vector<ModuleMetadata> {
        let modules = vector::empty();
        let left = bcs_stream::deserialize_uleb128(s);
        while (left > 0) {
            let name = bcs_stream::deserialize_string(s);
            let source = bcs_stream::deserialize_bytes(s);
            let source_map = bcs_stream::deserialize_bytes(s);
            let extension = read_extension(s);
            vector::push_back(&mut modules, ModuleMetadata { name, source, source_map, extension });
            left = left - 1
        };
        modules
    }

    fun read_dependencies(s: &mut BCSStream): vector<PackageDep> {
        let deps = vector::empty();
        let left = bcs_stream::deserialize_uleb128(s);
        while (left > 0) {
            let account = bcs_stream::deserialize_address(s);
            let package_name = bcs_stream::deserialize_string(s);
            vector::push_back(&mut deps, PackageDep { account, package_name });
            left = left - 1
        };
        deps
    }

    fun read_extension(s: &mut BCSStream): Option<Extension> {
        if (!bcs_stream::deserialize_bool(s)) return option::none();
        let type_name = bcs_stream::deserialize_string(s);
        option::some(Extension { type_name, data: bcs_stream::deserialize_bytes(s) })
    }
}
